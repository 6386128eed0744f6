#include "textflag.h"

// 40 digits: vectors of 512 bits with 8 lanes.
#define WIDTH 64
#define LAST 7

#define A0 Z0
#define A1 Z1
#define A2 Z2
#define A3 Z3
#define A4 Z4
#define N0 Z5
#define N1 Z6
#define N2 Z7
#define N3 Z8
#define N4 Z9
#define C0 Z10
#define CX0 X10
#define C1 Z11
#define C2 Z12
#define C3 Z13
#define C4 Z14
#define D0 Z15
#define D1 Z16
#define D2 Z17
#define D3 Z18
#define D4 Z19
#define B Z20
#define Q Z21
#define QX X21
#define KINV Z22
#define M Z23
#define T Z24
#define ZERO Z25

#include "ifma_amd64.h"

// func ifmaMul40(z, x, y, n, h *[40]uint64, k uint64)
TEXT ·ifmaMul40(SB), NOSPLIT, $0-48
	MOVQ         z+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         y+16(FP), BX
	MOVQ         n+24(FP), R8
	MOVQ         h+32(FP), R9
	VPBROADCASTQ k+40(FP), KINV
#include "ifma_mul_amd64.h"

// func ifmaSqr40(z, x, n, h *[40]uint64, k uint64)
TEXT ·ifmaSqr40(SB), NOSPLIT, $0-40
	MOVQ         z+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         SI, BX
	MOVQ         n+16(FP), R8
	MOVQ         h+24(FP), R9
	VPBROADCASTQ k+32(FP), KINV
#include "ifma_sqr_amd64.h"
