#include "textflag.h"

// Montgomery multiplication row by row, with two chains of carries.
//
// MULXQ multiplies DX without touching flags. ADCXQ adds with carry and touches
// the flag CF only, ADOXQ the flag OF only. So the lower and the upper halves of
// the products of a row can be added at once, each half with its own carry.

// WORD adds DX·x[i] to t[i]. PREVIOUS is the upper half of the product for i-1
// and UPPER receives that of this one; they change places from word to word.
// CF carries what t[i] and the lower half left over, OF what adding the previous
// upper half left over. Both carries belong to the next word.
#define WORD(i, previous, upper) \
	MULXQ (8*i)(R14), AX, upper; \
	ADCXQ (8*i)(R15), AX; \
	ADOXQ previous, AX; \
	MOVQ  AX, (8*i)(R15)

// ROW adds DX times the number at R14 to the number at R15. Both have CX times
// 16 words. R12 receives the word that belongs after those. It cannot overflow:
// a product of one word and m words, plus m words, fits in m+1 words. For the
// same reason R12 takes in both carries at the end of each 16 words.
#define ROW(label) \
	XORQ  R12, R12; \
label: \
	XORQ  AX, AX; \
	WORD(0, R12, BX); \
	WORD(1, BX, R12); \
	WORD(2, R12, BX); \
	WORD(3, BX, R12); \
	WORD(4, R12, BX); \
	WORD(5, BX, R12); \
	WORD(6, R12, BX); \
	WORD(7, BX, R12); \
	WORD(8, R12, BX); \
	WORD(9, BX, R12); \
	WORD(10, R12, BX); \
	WORD(11, BX, R12); \
	WORD(12, R12, BX); \
	WORD(13, BX, R12); \
	WORD(14, R12, BX); \
	WORD(15, BX, R12); \
	MOVQ  $0, AX; \
	ADCXQ AX, R12; \
	ADOXQ AX, R12; \
	ADDQ  $128, R14; \
	ADDQ  $128, R15; \
	DECQ  CX; \
	JNZ   label

// func adxMul(t, x, y, n *uint64, k uint64, blocks int) (carry uint64)
//
// x, y and n have 16·blocks words, t has twice as many, of which the lower half
// is zero. The upper half of t becomes the result without its highest bit, which
// is returned.
//
// Row i adds x·y[i] and n·q to t from word i on, where q makes word i zero. Each
// of the two leaves a word that belongs into t[i+16·blocks]; together with the
// bit left over by the row before they are less than 2^65, because the sum so
// far is less than 2·R times 2^(64·(i+1)). R13 keeps the bit for the next row.
TEXT ·adxMul(SB), NOSPLIT, $0-56
	MOVQ t+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), R9
	MOVQ n+24(FP), R8
	MOVQ k+32(FP), R10
	MOVQ blocks+40(FP), R11
	SHLQ $4, R11            // rows that are left
	XORQ R13, R13

row:
	// t += x·y[i]
	MOVQ (R9), DX
	MOVQ SI, R14
	MOVQ DI, R15
	MOVQ blocks+40(FP), CX
	ROW(times)

	// R15 points to the word after the row now, which nothing was added to yet.
	ADDQ R13, R12
	MOVQ R12, (R15)
	MOVQ $0, R13
	ADCQ $0, R13

	// t += n·q
	MOVQ  (DI), DX
	IMULQ R10, DX
	MOVQ  R8, R14
	MOVQ  DI, R15
	MOVQ  blocks+40(FP), CX
	ROW(reduce)
	ADDQ  R12, (R15)
	ADCQ  $0, R13

	ADDQ $8, R9
	ADDQ $8, DI
	DECQ R11
	JNZ  row

	MOVQ R13, carry+48(FP)
	RET
