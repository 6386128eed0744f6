#include "textflag.h"
#include "rows_arm64.h"

// Montgomery multiplication with eight words of one factor in registers, while
// the words of the other one and of the sum stream by. MUL and UMULH give the
// halves of a product and leave the flags alone, so a sum of many words is one
// run of ADCS.

#define Y0 R10
#define Y1 R11
#define Y2 R12
#define Y3 R13
#define Y4 R14
#define Y5 R15
#define Y6 R16
#define Y7 R17
#define W0 R19
#define W1 R20
#define W2 R21
#define W3 R22
#define W4 R23
#define W5 R24
#define W6 R25
#define W7 R26

// STEP computes w + t + x·y, with the eight words w of the window and y, and the
// words t and x. The lowest word of the result goes to t, the eight others are
// the next window: w1 to w7, and the highest one in the register of w0.
//
// Nine words hold the result: with b = 2^64 it is at most
// (b^8-1) + (b-1) + (b-1)·(b^8-1) = b^9-1. The upper halves of the products come
// first, from the second word on, with t at the lowest. The last upper half
// takes in the carry, since a product of two words is at most b²-2b+1, so its
// upper half at most b-2. The lower halves come next; their carry goes there too,
// as the whole fits.
#define STEP(x, t, w0, w1, w2, w3, w4, w5, w6, w7) \
	UMULH x, Y0, H0; \
	UMULH x, Y1, H1; \
	ADDS  t, w0, w0; \
	UMULH x, Y2, H2; \
	ADCS  H0, w1, w1; \
	UMULH x, Y3, H0; \
	ADCS  H1, w2, w2; \
	UMULH x, Y4, H1; \
	ADCS  H2, w3, w3; \
	UMULH x, Y5, H2; \
	ADCS  H0, w4, w4; \
	UMULH x, Y6, H0; \
	ADCS  H1, w5, w5; \
	UMULH x, Y7, H1; \
	ADCS  H2, w6, w6; \
	MUL   x, Y0, H2; \
	ADCS  H0, w7, w7; \
	MUL   x, Y1, H0; \
	ADC   ZR, H1, H1; \
	ADDS  H2, w0, t; \
	MUL   x, Y2, H2; \
	ADCS  H0, w1, w1; \
	MUL   x, Y3, H0; \
	ADCS  H2, w2, w2; \
	MUL   x, Y4, H2; \
	ADCS  H0, w3, w3; \
	MUL   x, Y5, H0; \
	ADCS  H2, w4, w4; \
	MUL   x, Y6, H2; \
	ADCS  H0, w5, w5; \
	MUL   x, Y7, H0; \
	ADCS  H2, w6, w6; \
	ADCS  H0, w7, w7; \
	ADC   ZR, H1, w0

// ROW adds COUNT times eight words from R1 on, times y, to as many words from R0
// on. Before and after it the window has what belongs at R0.
#define ROW(label) \
label: \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W0, W1, W2, W3, W4, W5, W6, W7); \
	STEP(X1, T1, W1, W2, W3, W4, W5, W6, W7, W0); \
	STP.P (T0, T1), 16(R0); \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W2, W3, W4, W5, W6, W7, W0, W1); \
	STEP(X1, T1, W3, W4, W5, W6, W7, W0, W1, W2); \
	STP.P (T0, T1), 16(R0); \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W4, W5, W6, W7, W0, W1, W2, W3); \
	STEP(X1, T1, W5, W6, W7, W0, W1, W2, W3, W4); \
	STP.P (T0, T1), 16(R0); \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W6, W7, W0, W1, W2, W3, W4, W5); \
	STEP(X1, T1, W7, W0, W1, W2, W3, W4, W5, W6); \
	STP.P (T0, T1), 16(R0); \
	SUB   $1, COUNT; \
	CBNZ  COUNT, label

#define LOADY(from) \
	LDP.P 16(from), (Y0, Y1); \
	LDP.P 16(from), (Y2, Y3); \
	LDP.P 16(from), (Y4, Y5); \
	LDP.P 16(from), (Y6, Y7)

#define STOREW \
	STP (W0, W1), (R0); \
	STP (W2, W3), 16(R0); \
	STP (W4, W5), 32(R0); \
	STP (W6, W7), 48(R0)

// func mulRows8(t, x, y *uint64, blocks int)
//
// x and y have 8·blocks words, t has twice as many, of which the lower half is
// zero. t becomes x·y. Row i adds x times eight words of y to t from word 8i on;
// the window that is left is what belongs after it, where nothing was added yet.
TEXT ·mulRows8(SB), NOSPLIT, $8-32
	MOVD blocks+24(FP), COUNT
	MOVD COUNT, rows-8(SP)

row:
	MOVD t+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), X0
	LOADY(X0)
	MOVD X0, y+16(FP)
	ADD  $64, R0, X1
	MOVD X1, t+0(FP)
	MOVD blocks+24(FP), COUNT
	MOVD ZR, W0
	MOVD ZR, W1
	MOVD ZR, W2
	MOVD ZR, W3
	MOVD ZR, W4
	MOVD ZR, W5
	MOVD ZR, W6
	MOVD ZR, W7
	ROW(times)
	STOREW
	MOVD rows-8(SP), COUNT
	SUB  $1, COUNT
	MOVD COUNT, rows-8(SP)
	CBNZ COUNT, row
	RET

// TRIANGLE adds the products of different words of y to the eight words at R0.
// What belongs after these is left in the window; R0 moves there.
//
// Word i times the words before it comes at step i, as in STEP but with only as
// many words. Word j of the sum is in W(j modulo 8) until the step at which it
// is complete. With b = 2^64, the products of the words up to i and the words
// that were at R0 are less than b^(2i+1), which the words up to 2i hold: for the
// products, with word i and the r < b^i of those before it, are at most
// (b-1)·(b^i-1)·b^i + r²/2, which is less than b^(2i+1) - b^(2i)/2, and what was
// at R0 less than b^(i+1), or just b²-b for i = 1. So the highest word of all is
// zero.
#define TRIANGLE \
	LDP   (R0), (T0, T1); \
	MUL   Y1, Y0, H0; \
	UMULH Y1, Y0, W2; \
	ADDS  H0, T1, T1; \
	ADC   ZR, W2, W2; \
	STP.P (T0, T1), 16(R0); \
	LDP   (R0), (T0, T1); \
	UMULH Y2, Y0, W3; \
	UMULH Y2, Y1, W4; \
	ADDS  T0, W2, W2; \
	ADC   ZR, W3, W3; \
	MUL   Y2, Y0, H0; \
	ADDS  H0, W2, T0; \
	LOWER(Y2, Y1, W3); \
	ADC   ZR, W4, W4; \
	UMULH Y3, Y1, W5; \
	UMULH Y3, Y2, W6; \
	ADDS  T1, W3, W3; \
	UPPER(Y3, Y0, W4); \
	ADC   ZR, W5, W5; \
	MUL   Y3, Y0, H0; \
	ADDS  H0, W3, T1; \
	LOWER(Y3, Y1, W4); \
	LOWER(Y3, Y2, W5); \
	ADC   ZR, W6, W6; \
	STP.P (T0, T1), 16(R0); \
	LDP   (R0), (T0, T1); \
	UMULH Y4, Y2, W7; \
	UMULH Y4, Y3, W0; \
	ADDS  T0, W4, W4; \
	UPPER(Y4, Y0, W5); \
	UPPER(Y4, Y1, W6); \
	ADC   ZR, W7, W7; \
	MUL   Y4, Y0, H0; \
	ADDS  H0, W4, T0; \
	LOWER(Y4, Y1, W5); \
	LOWER(Y4, Y2, W6); \
	LOWER(Y4, Y3, W7); \
	ADC   ZR, W0, W0; \
	UMULH Y5, Y3, W1; \
	UMULH Y5, Y4, W2; \
	ADDS  T1, W5, W5; \
	UPPER(Y5, Y0, W6); \
	UPPER(Y5, Y1, W7); \
	UPPER(Y5, Y2, W0); \
	ADC   ZR, W1, W1; \
	MUL   Y5, Y0, H0; \
	ADDS  H0, W5, T1; \
	LOWER(Y5, Y1, W6); \
	LOWER(Y5, Y2, W7); \
	LOWER(Y5, Y3, W0); \
	LOWER(Y5, Y4, W1); \
	ADC   ZR, W2, W2; \
	STP.P (T0, T1), 16(R0); \
	LDP   (R0), (T0, T1); \
	UMULH Y6, Y4, W3; \
	UMULH Y6, Y5, W4; \
	ADDS  T0, W6, W6; \
	UPPER(Y6, Y0, W7); \
	UPPER(Y6, Y1, W0); \
	UPPER(Y6, Y2, W1); \
	UPPER(Y6, Y3, W2); \
	ADC   ZR, W3, W3; \
	MUL   Y6, Y0, H0; \
	ADDS  H0, W6, T0; \
	LOWER(Y6, Y1, W7); \
	LOWER(Y6, Y2, W0); \
	LOWER(Y6, Y3, W1); \
	LOWER(Y6, Y4, W2); \
	LOWER(Y6, Y5, W3); \
	ADC   ZR, W4, W4; \
	UMULH Y7, Y5, W5; \
	UMULH Y7, Y6, W6; \
	ADDS  T1, W7, W7; \
	UPPER(Y7, Y0, W0); \
	UPPER(Y7, Y1, W1); \
	UPPER(Y7, Y2, W2); \
	UPPER(Y7, Y3, W3); \
	UPPER(Y7, Y4, W4); \
	ADC   ZR, W5, W5; \
	MUL   Y7, Y0, H0; \
	ADDS  H0, W7, T1; \
	LOWER(Y7, Y1, W0); \
	LOWER(Y7, Y2, W1); \
	LOWER(Y7, Y3, W2); \
	LOWER(Y7, Y4, W3); \
	LOWER(Y7, Y5, W4); \
	LOWER(Y7, Y6, W5); \
	ADC   ZR, W6, W6; \
	STP.P (T0, T1), 16(R0); \
	MOVD  ZR, W7

// func sqrRows8(t, x *uint64, blocks int)
//
// x has 8·blocks words, t has twice as many, of which the lower half is zero. t
// becomes x². Row i adds eight words of x times those after them, from word 16i
// of t on: the products of different words within the eight, and the eight times
// each of the words that follow.
TEXT ·sqrRows8(SB), NOSPLIT, $24-24
	MOVD t+0(FP), R0
	MOVD R0, at-16(SP)
	MOVD x+8(FP), R1
	MOVD blocks+16(FP), COUNT

row:
	MOVD COUNT, rows-8(SP)
	LOADY(R1)
	MOVD R1, from-24(SP)
	TRIANGLE
	SUB  $1, COUNT
	CBZ  COUNT, last
	ROW(times)
	STOREW
	MOVD at-16(SP), R0
	ADD  $128, R0
	MOVD R0, at-16(SP)
	MOVD from-24(SP), R1
	MOVD rows-8(SP), COUNT
	SUB  $1, COUNT
	B    row

last:
	STOREW
	RET

// REDUCE adds the multiple of the eight words n at R1 to the window that makes its
// lowest word zero, keeps the factor in q, and drops that word. As in STEP, the
// next window is w1 to w7 and w0. T0 is -1/n modulo 2^64.
//
// Adding the lower half of the first product leaves zero, and carries unless
// there was zero before.
#define REDUCE(q, w0, w1, w2, w3, w4, w5, w6, w7) \
	MUL   w0, T0, q; \
	LDP   (R1), (X0, X1); \
	UMULH q, X0, H0; \
	UMULH q, X1, H1; \
	LDP   16(R1), (X0, X1); \
	ADDS  H0, w1, w1; \
	ADCS  H1, w2, w2; \
	UMULH q, X0, H0; \
	UMULH q, X1, H1; \
	LDP   32(R1), (X0, X1); \
	ADCS  H0, w3, w3; \
	ADCS  H1, w4, w4; \
	UMULH q, X0, H0; \
	UMULH q, X1, H1; \
	LDP   48(R1), (X0, X1); \
	ADCS  H0, w5, w5; \
	ADCS  H1, w6, w6; \
	UMULH q, X0, H0; \
	UMULH q, X1, H2; \
	LDP   (R1), (X0, X1); \
	ADCS  H0, w7, w7; \
	ADC   ZR, H2, H2; \
	MUL   q, X1, H1; \
	LDP   16(R1), (X0, X1); \
	CMP   $1, w0; \
	ADCS  H1, w1, w1; \
	MUL   q, X0, H0; \
	MUL   q, X1, H1; \
	LDP   32(R1), (X0, X1); \
	ADCS  H0, w2, w2; \
	ADCS  H1, w3, w3; \
	MUL   q, X0, H0; \
	MUL   q, X1, H1; \
	LDP   48(R1), (X0, X1); \
	ADCS  H0, w4, w4; \
	ADCS  H1, w5, w5; \
	MUL   q, X0, H0; \
	MUL   q, X1, H1; \
	ADCS  H0, w6, w6; \
	ADCS  H1, w7, w7; \
	ADC   ZR, H2, w0

// func reduceRows8(t, n *uint64, k uint64, blocks int) (carry uint64)
//
// n has 8·blocks words and t twice as many. The upper half of t becomes t/R
// modulo n without its highest bit, which is returned; the lower half is lost.
// Row i adds the multiple of n that makes the eight words of t from word 8i on
// zero. It leaves a window that belongs at word 8i+8·blocks and is added there,
// with the bit left over by the row before: the sum so far is less than
// 2·R·2^(512·(i+1)), so what is left over is one bit again.
TEXT ·reduceRows8(SB), NOSPLIT, $8-40
	MOVD blocks+24(FP), COUNT
	MOVD COUNT, rows-8(SP)
	MOVD ZR, carry+32(FP)

row:
	MOVD t+0(FP), R0
	MOVD n+8(FP), R1
	MOVD k+16(FP), T0
	LDP.P 16(R0), (W0, W1)
	LDP.P 16(R0), (W2, W3)
	LDP.P 16(R0), (W4, W5)
	LDP.P 16(R0), (W6, W7)
	MOVD R0, t+0(FP)
	REDUCE(Y0, W0, W1, W2, W3, W4, W5, W6, W7)
	REDUCE(Y1, W1, W2, W3, W4, W5, W6, W7, W0)
	REDUCE(Y2, W2, W3, W4, W5, W6, W7, W0, W1)
	REDUCE(Y3, W3, W4, W5, W6, W7, W0, W1, W2)
	REDUCE(Y4, W4, W5, W6, W7, W0, W1, W2, W3)
	REDUCE(Y5, W5, W6, W7, W0, W1, W2, W3, W4)
	REDUCE(Y6, W6, W7, W0, W1, W2, W3, W4, W5)
	REDUCE(Y7, W7, W0, W1, W2, W3, W4, W5, W6)
	ADD  $64, R1
	MOVD blocks+24(FP), COUNT
	SUB  $1, COUNT
	CBZ  COUNT, add
	ROW(times)

add:
	MOVD carry+32(FP), H0
	CMP  $1, H0 // the carry flag, if it is 1
	LDP  (R0), (X0, X1)
	LDP  16(R0), (T0, T1)
	ADCS X0, W0, W0
	ADCS X1, W1, W1
	ADCS T0, W2, W2
	ADCS T1, W3, W3
	LDP  32(R0), (X0, X1)
	LDP  48(R0), (T0, T1)
	ADCS X0, W4, W4
	ADCS X1, W5, W5
	ADCS T0, W6, W6
	ADCS T1, W7, W7
	ADC  ZR, ZR, H0
	MOVD H0, carry+32(FP)
	STOREW
	MOVD rows-8(SP), COUNT
	SUB  $1, COUNT
	MOVD COUNT, rows-8(SP)
	CBNZ COUNT, row
	RET
