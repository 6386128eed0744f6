#include "textflag.h"
#include "rows_arm64.h"

// The functions of rows8_arm64.s with four words where those have eight, for
// numbers with four words too few or too many for those. The bounds are the same
// with 4 in the place of 8.

#define Y0 R10
#define Y1 R11
#define Y2 R12
#define Y3 R13
#define W0 R14
#define W1 R15
#define W2 R16
#define W3 R17
#define N0 R19
#define N1 R20
#define N2 R21
#define N3 R22

#define STEP(x, t, w0, w1, w2, w3) \
	UMULH x, Y0, H0; \
	UMULH x, Y1, H1; \
	ADDS  t, w0, w0; \
	UMULH x, Y2, H2; \
	ADCS  H0, w1, w1; \
	MUL   x, Y0, H0; \
	ADCS  H1, w2, w2; \
	UMULH x, Y3, H1; \
	ADCS  H2, w3, w3; \
	MUL   x, Y1, H2; \
	ADC   ZR, H1, H1; \
	ADDS  H0, w0, t; \
	MUL   x, Y2, H0; \
	ADCS  H2, w1, w1; \
	MUL   x, Y3, H2; \
	ADCS  H0, w2, w2; \
	ADCS  H2, w3, w3; \
	ADC   ZR, H1, w0

#define ROW(label) \
label: \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W0, W1, W2, W3); \
	STEP(X1, T1, W1, W2, W3, W0); \
	STP.P (T0, T1), 16(R0); \
	LDP.P 16(R1), (X0, X1); \
	LDP   (R0), (T0, T1); \
	STEP(X0, T0, W2, W3, W0, W1); \
	STEP(X1, T1, W3, W0, W1, W2); \
	STP.P (T0, T1), 16(R0); \
	SUB   $1, COUNT; \
	CBNZ  COUNT, label

#define STOREW \
	STP (W0, W1), (R0); \
	STP (W2, W3), 16(R0)

// func mulRows4(t, x, y *uint64, blocks int)
TEXT ·mulRows4(SB), NOSPLIT, $8-32
	MOVD blocks+24(FP), COUNT
	MOVD COUNT, rows-8(SP)

row:
	MOVD t+0(FP), R0
	MOVD x+8(FP), R1
	MOVD y+16(FP), X0
	LDP.P 16(X0), (Y0, Y1)
	LDP.P 16(X0), (Y2, Y3)
	MOVD X0, y+16(FP)
	ADD  $32, R0, X1
	MOVD X1, t+0(FP)
	MOVD blocks+24(FP), COUNT
	MOVD ZR, W0
	MOVD ZR, W1
	MOVD ZR, W2
	MOVD ZR, W3
	ROW(times)
	STOREW
	MOVD rows-8(SP), COUNT
	SUB  $1, COUNT
	MOVD COUNT, rows-8(SP)
	CBNZ COUNT, row
	RET

// Word j of the sum is in W(j modulo 4).
#define TRIANGLE \
	LDP   (R0), (T0, T1); \
	MUL   Y1, Y0, H0; \
	UMULH Y1, Y0, W2; \
	ADDS  H0, T1, T1; \
	ADC   ZR, W2, W2; \
	STP.P (T0, T1), 16(R0); \
	LDP   (R0), (T0, T1); \
	UMULH Y2, Y0, W3; \
	UMULH Y2, Y1, W0; \
	ADDS  T0, W2, W2; \
	ADC   ZR, W3, W3; \
	MUL   Y2, Y0, H0; \
	ADDS  H0, W2, T0; \
	LOWER(Y2, Y1, W3); \
	ADC   ZR, W0, W0; \
	UMULH Y3, Y1, W1; \
	UMULH Y3, Y2, W2; \
	ADDS  T1, W3, W3; \
	UPPER(Y3, Y0, W0); \
	ADC   ZR, W1, W1; \
	MUL   Y3, Y0, H0; \
	ADDS  H0, W3, T1; \
	LOWER(Y3, Y1, W0); \
	LOWER(Y3, Y2, W1); \
	ADC   ZR, W2, W2; \
	STP.P (T0, T1), 16(R0); \
	MOVD  ZR, W3

// func sqrRows4(t, x *uint64, blocks int)
TEXT ·sqrRows4(SB), NOSPLIT, $24-24
	MOVD t+0(FP), R0
	MOVD R0, at-16(SP)
	MOVD x+8(FP), R1
	MOVD blocks+16(FP), COUNT

row:
	MOVD  COUNT, rows-8(SP)
	LDP.P 16(R1), (Y0, Y1)
	LDP.P 16(R1), (Y2, Y3)
	MOVD  R1, from-24(SP)
	TRIANGLE
	SUB   $1, COUNT
	CBZ   COUNT, last
	ROW(times)
	STOREW
	MOVD  at-16(SP), R0
	ADD   $64, R0
	MOVD  R0, at-16(SP)
	MOVD  from-24(SP), R1
	MOVD  rows-8(SP), COUNT
	SUB   $1, COUNT
	B     row

last:
	STOREW
	RET

#define REDUCE(q, w0, w1, w2, w3) \
	MUL   w0, T0, q; \
	UMULH q, N0, H0; \
	UMULH q, N1, H1; \
	UMULH q, N2, H2; \
	ADDS  H0, w1, w1; \
	UMULH q, N3, H0; \
	ADCS  H1, w2, w2; \
	MUL   q, N1, H1; \
	ADCS  H2, w3, w3; \
	MUL   q, N2, H2; \
	ADC   ZR, H0, H0; \
	CMP   $1, w0; \
	ADCS  H1, w1, w1; \
	MUL   q, N3, H1; \
	ADCS  H2, w2, w2; \
	ADCS  H1, w3, w3; \
	ADC   ZR, H0, w0

// func reduceRows4(t, n *uint64, k uint64, blocks int) (carry uint64)
TEXT ·reduceRows4(SB), NOSPLIT, $8-40
	MOVD blocks+24(FP), COUNT
	MOVD COUNT, rows-8(SP)
	MOVD ZR, carry+32(FP)

row:
	MOVD t+0(FP), R0
	MOVD n+8(FP), R1
	MOVD k+16(FP), T0
	LDP.P 16(R0), (W0, W1)
	LDP.P 16(R0), (W2, W3)
	LDP.P 16(R1), (N0, N1)
	LDP.P 16(R1), (N2, N3)
	MOVD R0, t+0(FP)
	REDUCE(Y0, W0, W1, W2, W3)
	REDUCE(Y1, W1, W2, W3, W0)
	REDUCE(Y2, W2, W3, W0, W1)
	REDUCE(Y3, W3, W0, W1, W2)
	MOVD blocks+24(FP), COUNT
	SUB  $1, COUNT
	CBZ  COUNT, add
	ROW(times)

add:
	MOVD carry+32(FP), H0
	CMP  $1, H0
	LDP  (R0), (X0, X1)
	LDP  16(R0), (T0, T1)
	ADCS X0, W0, W0
	ADCS X1, W1, W1
	ADCS T0, W2, W2
	ADCS T1, W3, W3
	ADC  ZR, ZR, H0
	MOVD H0, carry+32(FP)
	STOREW
	MOVD rows-8(SP), COUNT
	SUB  $1, COUNT
	MOVD COUNT, rows-8(SP)
	CBNZ COUNT, row
	RET
