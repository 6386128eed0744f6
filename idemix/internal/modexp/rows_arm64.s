#include "textflag.h"
#include "rows_arm64.h"

// func doubleRows(t, x *uint64, words int)
//
// x has so many words, an even number, and t twice as many. Twice t, and the
// squares of the words of x at every second word, go to t. What x is squared is
// the result, so it fits.
//
// EXTR takes a word out of two and does not touch the flags: X1 keeps the last
// word of t for the highest bit in it, and the carry stays in the flag from
// word to word.
TEXT ·doubleRows(SB), NOSPLIT, $0-24
	MOVD t+0(FP), R0
	MOVD x+8(FP), R1
	MOVD words+16(FP), COUNT
	MOVD ZR, X1
	ADDS ZR, ZR, ZR

double:
	LDP.P 16(R1), (H0, H1)
	LDP   (R0), (T0, T1)
	LDP   16(R0), (H2, X0)
	EXTR  $63, X1, T0, R10
	EXTR  $63, T0, T1, R11
	EXTR  $63, T1, H2, R12
	EXTR  $63, H2, X0, R13
	MOVD  X0, X1
	MUL   H0, H0, R14
	UMULH H0, H0, R15
	MUL   H1, H1, R16
	UMULH H1, H1, R17
	ADCS  R14, R10, R10
	ADCS  R15, R11, R11
	ADCS  R16, R12, R12
	ADCS  R17, R13, R13
	STP.P (R10, R11), 16(R0)
	STP.P (R12, R13), 16(R0)
	SUB   $2, COUNT
	CBNZ  COUNT, double
	RET

// func settleRows(z, t, n *uint64, carry uint64, words int)
//
// z becomes t, or t - n if the carry is 1. All have so many words, a multiple of
// 4. It does the same in both cases: see portable.settle.
TEXT ·settleRows(SB), NOSPLIT, $0-40
	MOVD z+0(FP), R0
	MOVD t+8(FP), R1
	MOVD n+16(FP), R10
	MOVD carry+24(FP), H0
	MOVD words+32(FP), COUNT
	NEG  H0, H0
	SUBS ZR, ZR, ZR // no borrow

settle:
	LDP.P 16(R10), (X0, X1)
	LDP.P 16(R10), (H1, H2)
	LDP.P 16(R1), (T0, T1)
	LDP.P 16(R1), (R11, R12)
	AND   H0, X0, X0
	AND   H0, X1, X1
	AND   H0, H1, H1
	AND   H0, H2, H2
	SBCS  X0, T0, T0
	SBCS  X1, T1, T1
	SBCS  H1, R11, R11
	SBCS  H2, R12, R12
	STP.P (T0, T1), 16(R0)
	STP.P (R11, R12), 16(R0)
	SUB   $4, COUNT
	CBNZ  COUNT, settle
	RET
