#include "textflag.h"

// 20 digits: vectors of 256 bits with 4 lanes.
#define WIDTH 32
#define LAST 3

#define A0 Y0
#define A1 Y1
#define A2 Y2
#define A3 Y3
#define A4 Y4
#define N0 Y5
#define N1 Y6
#define N2 Y7
#define N3 Y8
#define N4 Y9
#define C0 Y10
#define CX0 X10
#define C1 Y11
#define C2 Y12
#define C3 Y13
#define C4 Y14
#define D0 Y15
#define D1 Y16
#define D2 Y17
#define D3 Y18
#define D4 Y19
#define B Y20
#define Q Y21
#define QX X21
#define KINV Y22
#define M Y23
#define T Y24
#define ZERO Y25

#include "ifma_amd64.h"

// func ifmaMul20(z, x, y, n, h *[20]uint64, k uint64)
TEXT ·ifmaMul20(SB), NOSPLIT, $0-48
	MOVQ         z+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         y+16(FP), BX
	MOVQ         n+24(FP), R8
	MOVQ         h+32(FP), R9
	VPBROADCASTQ k+40(FP), KINV
#include "ifma_mul_amd64.h"

// func ifmaSqr20(z, x, n, h *[20]uint64, k uint64)
TEXT ·ifmaSqr20(SB), NOSPLIT, $0-40
	MOVQ         z+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         SI, BX
	MOVQ         n+16(FP), R8
	MOVQ         h+24(FP), R9
	VPBROADCASTQ k+32(FP), KINV
#include "ifma_sqr_amd64.h"
