// Squaring with ADX: what a square takes besides the rows of adx_amd64.h.

// TRIANGLE adds the products of different words among the eight at SI to the
// window. Row i is the row of an ordinary product without words 0 to i: it adds
// words i+1 and later times word i, from word 2i+1 of the sum on. The sum's words
// 0 to 7 are final one after the other, from 0, which stays as it is. The upper
// end of row i is word i+8, which takes the register of word i. It had nothing
// before, so the bound of ordinary rows holds for these shorter ones, too. Word 15
// remains zero.
#define TRIANGLE \
	MOVQ (0*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(1, R9, R10); \
	WORD(2, R10, R11); \
	WORD(3, R11, R12); \
	WORD(4, R12, R13); \
	WORD(5, R13, R14); \
	WORD(6, R14, R15); \
	MOVQ R9, (1*8)(DI); \
	LAST(R15, R8); \
	MOVQ (1*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(2, R11, R12); \
	WORD(3, R12, R13); \
	WORD(4, R13, R14); \
	WORD(5, R14, R15); \
	WORD(6, R15, R8); \
	MOVQ R10, (2*8)(DI); \
	MOVQ R11, (3*8)(DI); \
	LAST(R8, R9); \
	MOVQ (2*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(3, R13, R14); \
	WORD(4, R14, R15); \
	WORD(5, R15, R8); \
	WORD(6, R8, R9); \
	MOVQ R12, (4*8)(DI); \
	MOVQ R13, (5*8)(DI); \
	LAST(R9, R10); \
	MOVQ (3*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(4, R15, R8); \
	WORD(5, R8, R9); \
	WORD(6, R9, R10); \
	MOVQ R14, (6*8)(DI); \
	MOVQ R15, (7*8)(DI); \
	LAST(R10, R11); \
	MOVQ (4*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(5, R9, R10); \
	WORD(6, R10, R11); \
	LAST(R11, R12); \
	MOVQ (5*8)(SI), DX; \
	XORQ AX, AX; \
	WORD(6, R11, R12); \
	LAST(R12, R13); \
	MOVQ (6*8)(SI), DX; \
	XORQ AX, AX; \
	LAST(R13, R14); \
	XORQ R15, R15

// DOUBLE doubles two words of the sum and adds the square of word i at SI. The
// carries of doubling go from one to the next in CF, those of adding in OF.
#define DOUBLE(i) \
	MOVQ  (8*i)(SI), DX; \
	MULXQ DX, AX, BX; \
	MOVQ  (16*i)(DI), R8; \
	MOVQ  (16*i+8)(DI), R9; \
	ADCXQ R8, R8; \
	ADCXQ R9, R9; \
	ADOXQ AX, R8; \
	ADOXQ BX, R9; \
	MOVQ  R8, (16*i)(DI); \
	MOVQ  R9, (16*i+8)(DI)
