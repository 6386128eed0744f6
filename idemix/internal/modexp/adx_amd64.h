// Multiplication with ADX: the rows of which adx_amd64.s makes products.
//
// A window of eight words moves up over a long sum in memory, one word per row.
// A row adds one word times the eight words at SI to it. What it leaves in the
// lowest word is final, as seen from here, and is stored; the upper half of the
// last product becomes the word at the other end, in the same register. So the
// registers change places from row to row, and are back after eight rows.
//
//	R8…R15  the window
//	SI      the eight words
//	DX      the word they are multiplied by
//	DI      the sum, where the window was before the first of eight rows
//	CX      the words for DX, or what belongs to the caller
//	BP      zero
//	AX, BX  the lower and the upper half of a product
//
// MULXQ multiplies by DX without touching flags. ADCXQ adds with carry and
// touches the flag CF only, ADOXQ the flag OF only. So lower halves and upper
// halves are added at once, in two chains of carries, the one in CF and the
// other in OF. XORQ clears both flags before a row.
//
// No row overflows. The window has eight words before it: at most 2^512-1. Even
// with a product of (2^512-1)·(2^64-1) and another word, as in ADDROW, it is at
// most 2^576-1, which is the nine words that there are after it, the lowest of
// which leaves. Hence both carries fit into the word at the upper end.

// WORD adds DX times word i to the words low and high of the window.
#define WORD(i, low, high) \
	MULXQ (8*i)(SI), AX, BX; \
	ADCXQ AX, low; \
	ADOXQ BX, high

// LAST is WORD for the last of the eight words. It ends both chains in high,
// which had nothing before.
#define LAST(low, high) \
	MULXQ 56(SI), AX, high; \
	ADCXQ AX, low; \
	ADOXQ BP, high; \
	ADCXQ BP, high

// ADDROW takes DX from word i at CX and adds the word of the sum that the window
// is about to leave, which belongs to the second chain: its carry is due where
// the upper half of the first product is.
#define ADDROW(i, a, b, c, d, e, f, g, h) \
	MOVQ  (8*i)(CX), DX; \
	XORQ  AX, AX; \
	MULXQ (SI), AX, BX; \
	ADOXQ (8*i)(DI), a; \
	ADCXQ AX, a; \
	ADOXQ BX, b; \
	WORD(1, b, c); \
	MOVQ  a, (8*i)(DI); \
	WORD(2, c, d); \
	WORD(3, d, e); \
	WORD(4, e, f); \
	WORD(5, f, g); \
	WORD(6, g, h); \
	LAST(h, a)

// QUOTIENTROW adds the multiple of n, of which SI has the lowest words, that
// makes the lowest word of the window zero. CX has -1/n modulo 2^64. The place in
// the sum receives the quotient, as the zero need not be kept.
#define QUOTIENTROW(i, a, b, c, d, e, f, g, h) \
	MOVQ  a, DX; \
	IMULQ CX, DX; \
	MOVQ  DX, (8*i)(DI); \
	XORQ  AX, AX; \
	WORD(0, a, b); \
	WORD(1, b, c); \
	WORD(2, c, d); \
	WORD(3, d, e); \
	WORD(4, e, f); \
	WORD(5, f, g); \
	WORD(6, g, h); \
	LAST(h, a)

// EIGHT is a row of each kind for eight words. The registers are back afterwards.
#define EIGHT(row) \
	row(0, R8, R9, R10, R11, R12, R13, R14, R15); \
	row(1, R9, R10, R11, R12, R13, R14, R15, R8); \
	row(2, R10, R11, R12, R13, R14, R15, R8, R9); \
	row(3, R11, R12, R13, R14, R15, R8, R9, R10); \
	row(4, R12, R13, R14, R15, R8, R9, R10, R11); \
	row(5, R13, R14, R15, R8, R9, R10, R11, R12); \
	row(6, R14, R15, R8, R9, R10, R11, R12, R13); \
	row(7, R15, R8, R9, R10, R11, R12, R13, R14)

// LOAD and STORE move the window from and to the sum.
#define LOAD \
	MOVQ (0*8)(DI), R8; \
	MOVQ (1*8)(DI), R9; \
	MOVQ (2*8)(DI), R10; \
	MOVQ (3*8)(DI), R11; \
	MOVQ (4*8)(DI), R12; \
	MOVQ (5*8)(DI), R13; \
	MOVQ (6*8)(DI), R14; \
	MOVQ (7*8)(DI), R15

#define STORE \
	MOVQ R8, (0*8)(DI); \
	MOVQ R9, (1*8)(DI); \
	MOVQ R10, (2*8)(DI); \
	MOVQ R11, (3*8)(DI); \
	MOVQ R12, (4*8)(DI); \
	MOVQ R13, (5*8)(DI); \
	MOVQ R14, (6*8)(DI); \
	MOVQ R15, (7*8)(DI)

// FOURLESS stores four words at SI minus those at R9 with the mask DX. BP is -1 if
// there is a borrow, otherwise 0.
#define FOURLESS(i) \
	MOVQ (8*i)(R9), R10; \
	MOVQ (8*i+8)(R9), R11; \
	MOVQ (8*i+16)(R9), R12; \
	MOVQ (8*i+24)(R9), R13; \
	ANDQ DX, R10; \
	ANDQ DX, R11; \
	ANDQ DX, R12; \
	ANDQ DX, R13; \
	NEGQ BP; \
	MOVQ (8*i)(SI), AX; \
	SBBQ R10, AX; \
	MOVQ AX, (8*i)(DI); \
	MOVQ (8*i+8)(SI), AX; \
	SBBQ R11, AX; \
	MOVQ AX, (8*i+8)(DI); \
	MOVQ (8*i+16)(SI), AX; \
	SBBQ R12, AX; \
	MOVQ AX, (8*i+16)(DI); \
	MOVQ (8*i+24)(SI), AX; \
	SBBQ R13, AX; \
	MOVQ AX, (8*i+24)(DI); \
	SBBQ BP, BP
