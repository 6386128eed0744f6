#include "textflag.h"

// 80 digits: ten vectors of 512 bits with 8 lanes, for moduli up to 4096 bits.
// Everything works as ifma_amd64.h describes; only the factor x and the modulus
// have no registers of their own, and are read from memory by the instructions
// that multiply. A position collects at most 320·2^52 + 2^13 < 2^61.
#define D0 Z0
#define D1 Z1
#define D2 Z2
#define D3 Z3
#define D4 Z4
#define D5 Z5
#define D6 Z6
#define D7 Z7
#define D8 Z8
#define D9 Z9
#define C0 Z10
#define C1 Z11
#define C2 Z12
#define C3 Z13
#define C4 Z14
#define C5 Z15
#define C6 Z16
#define C7 Z17
#define C8 Z18
#define C9 Z19
#define B Z20
#define Q Z21
#define QX X21
#define KINV Z22
#define M Z23
#define T Z24
#define ZERO Z25

// Vector j of x and of n.
#define A(j) (64*j)(SI)
#define N(j) (64*j)(R8)

#define CLEARC \
	VPXORQ C0, C0, C0; \
	VPXORQ C1, C1, C1; \
	VPXORQ C2, C2, C2; \
	VPXORQ C3, C3, C3; \
	VPXORQ C4, C4, C4; \
	VPXORQ C5, C5, C5; \
	VPXORQ C6, C6, C6; \
	VPXORQ C7, C7, C7; \
	VPXORQ C8, C8, C8; \
	VPXORQ C9, C9, C9

#define CLEARD \
	VPXORQ D0, D0, D0; \
	VPXORQ D1, D1, D1; \
	VPXORQ D2, D2, D2; \
	VPXORQ D3, D3, D3; \
	VPXORQ D4, D4, D4; \
	VPXORQ D5, D5, D5; \
	VPXORQ D6, D6, D6; \
	VPXORQ D7, D7, D7; \
	VPXORQ D8, D8, D8; \
	VPXORQ D9, D9, D9

// Add the lower halves of the products of x and B to C, and either to D.
#define LOWC \
	VPMADD52LUQ A(0), B, C0; \
	VPMADD52LUQ A(1), B, C1; \
	VPMADD52LUQ A(2), B, C2; \
	VPMADD52LUQ A(3), B, C3; \
	VPMADD52LUQ A(4), B, C4; \
	VPMADD52LUQ A(5), B, C5; \
	VPMADD52LUQ A(6), B, C6; \
	VPMADD52LUQ A(7), B, C7; \
	VPMADD52LUQ A(8), B, C8; \
	VPMADD52LUQ A(9), B, C9

#define LOWD \
	VPMADD52LUQ A(0), B, D0; \
	VPMADD52LUQ A(1), B, D1; \
	VPMADD52LUQ A(2), B, D2; \
	VPMADD52LUQ A(3), B, D3; \
	VPMADD52LUQ A(4), B, D4; \
	VPMADD52LUQ A(5), B, D5; \
	VPMADD52LUQ A(6), B, D6; \
	VPMADD52LUQ A(7), B, D7; \
	VPMADD52LUQ A(8), B, D8; \
	VPMADD52LUQ A(9), B, D9

#define HIGHD \
	VPMADD52HUQ A(0), B, D0; \
	VPMADD52HUQ A(1), B, D1; \
	VPMADD52HUQ A(2), B, D2; \
	VPMADD52HUQ A(3), B, D3; \
	VPMADD52HUQ A(4), B, D4; \
	VPMADD52HUQ A(5), B, D5; \
	VPMADD52HUQ A(6), B, D6; \
	VPMADD52HUQ A(7), B, D7; \
	VPMADD52HUQ A(8), B, D8; \
	VPMADD52HUQ A(9), B, D9

#define QUOTIENT \
	VPXORQ       Q, Q, Q; \
	VPMADD52LUQ  KINV, C0, Q; \
	VPBROADCASTQ QX, Q

#define REDUCE \
	VPMADD52LUQ N(0), Q, C0; \
	VPMADD52LUQ N(1), Q, C1; \
	VPMADD52HUQ N(0), Q, D0; \
	VPSRLQ.Z    $52, C0, K1, T; \
	VALIGNQ     $1, C0, C1, C0; \
	VPADDQ      T, D0, D0; \
	VPADDQ      D0, C0, C0; \
	VPMADD52LUQ N(2), Q, C2; \
	VPMADD52LUQ N(3), Q, C3; \
	VPMADD52LUQ N(4), Q, C4; \
	VPMADD52LUQ N(5), Q, C5; \
	VPMADD52LUQ N(6), Q, C6; \
	VPMADD52LUQ N(7), Q, C7; \
	VPMADD52LUQ N(8), Q, C8; \
	VPMADD52LUQ N(9), Q, C9; \
	VPMADD52HUQ N(1), Q, D1; \
	VPMADD52HUQ N(2), Q, D2; \
	VPMADD52HUQ N(3), Q, D3; \
	VPMADD52HUQ N(4), Q, D4; \
	VPMADD52HUQ N(5), Q, D5; \
	VPMADD52HUQ N(6), Q, D6; \
	VPMADD52HUQ N(7), Q, D7; \
	VPMADD52HUQ N(8), Q, D8; \
	VPMADD52HUQ N(9), Q, D9; \
	VALIGNQ     $1, C1, C2, C1; \
	VALIGNQ     $1, C2, C3, C2; \
	VALIGNQ     $1, C3, C4, C3; \
	VALIGNQ     $1, C4, C5, C4; \
	VALIGNQ     $1, C5, C6, C5; \
	VALIGNQ     $1, C6, C7, C6; \
	VALIGNQ     $1, C7, C8, C7; \
	VALIGNQ     $1, C8, C9, C8; \
	VALIGNQ     $1, C9, ZERO, C9; \
	VPADDQ      D1, C1, C1; \
	VPADDQ      D2, C2, C2; \
	VPADDQ      D3, C3, C3; \
	VPADDQ      D4, C4, C4; \
	VPADDQ      D5, C5, C5; \
	VPADDQ      D6, C6, C6; \
	VPADDQ      D7, C7, C7; \
	VPADDQ      D8, C8, C8; \
	VPADDQ      D9, C9, C9

#define CARRY \
	VPSRLQ   $52, C0, D0; \
	VPSRLQ   $52, C1, D1; \
	VPSRLQ   $52, C2, D2; \
	VPSRLQ   $52, C3, D3; \
	VPSRLQ   $52, C4, D4; \
	VPSRLQ   $52, C5, D5; \
	VPSRLQ   $52, C6, D6; \
	VPSRLQ   $52, C7, D7; \
	VPSRLQ   $52, C8, D8; \
	VPSRLQ   $52, C9, D9; \
	VPANDQ   M, C0, C0; \
	VPANDQ   M, C1, C1; \
	VPANDQ   M, C2, C2; \
	VPANDQ   M, C3, C3; \
	VPANDQ   M, C4, C4; \
	VPANDQ   M, C5, C5; \
	VPANDQ   M, C6, C6; \
	VPANDQ   M, C7, C7; \
	VPANDQ   M, C8, C8; \
	VPANDQ   M, C9, C9; \
	VALIGNQ  $7, D8, D9, D9; \
	VALIGNQ  $7, D7, D8, D8; \
	VALIGNQ  $7, D6, D7, D7; \
	VALIGNQ  $7, D5, D6, D6; \
	VALIGNQ  $7, D4, D5, D5; \
	VALIGNQ  $7, D3, D4, D4; \
	VALIGNQ  $7, D2, D3, D3; \
	VALIGNQ  $7, D1, D2, D2; \
	VALIGNQ  $7, D0, D1, D1; \
	VALIGNQ  $7, ZERO, D0, D0; \
	VPADDQ   D0, C0, C0; \
	VPADDQ   D1, C1, C1; \
	VPADDQ   D2, C2, C2; \
	VPADDQ   D3, C3, C3; \
	VPADDQ   D4, C4, C4; \
	VPADDQ   D5, C5, C5; \
	VPADDQ   D6, C6, C6; \
	VPADDQ   D7, C7, C7; \
	VPADDQ   D8, C8, C8; \
	VPADDQ   D9, C9, C9; \
	VPORQ    C0, C1, T; \
	VPORQ    C2, T, T; \
	VPORQ    C3, T, T; \
	VPORQ    C4, T, T; \
	VPORQ    C5, T, T; \
	VPORQ    C6, T, T; \
	VPORQ    C7, T, T; \
	VPORQ    C8, T, T; \
	VPORQ    C9, T, T; \
	VPSRLQ   $52, T, T; \
	VPTESTMQ T, T, K2; \
	KMOVW    K2, AX; \
	TESTL    AX, AX

// func ifmaMul80(z, x, y, n *[80]uint64, k uint64)
TEXT ·ifmaMul80(SB), NOSPLIT, $0-40
	MOVQ         z+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         y+16(FP), BX
	MOVQ         n+24(FP), R8
	VPBROADCASTQ k+32(FP), KINV
	VPBROADCASTQ (BX), B
	VPXORQ       ZERO, ZERO, ZERO
	MOVQ         $1, AX
	KMOVW        AX, K1
	MOVQ         $0xfffffffffffff, AX
	VPBROADCASTQ AX, M

	// The lower halves of the first row; no row before it did this.
	CLEARC
	LOWC

	// All rows but the last one.
	MOVQ $79, CX

row:
	QUOTIENT
	CLEARD
	HIGHD
	ADDQ         $8, BX
	VPBROADCASTQ (BX), B
	LOWD
	REDUCE
	DECQ         CX
	JNZ          row

	// The last row has no row after it.
	QUOTIENT
	CLEARD
	HIGHD
	REDUCE

settle:
	CARRY
	JNZ settle

	VMOVDQU64 C0, (64*0)(DI)
	VMOVDQU64 C1, (64*1)(DI)
	VMOVDQU64 C2, (64*2)(DI)
	VMOVDQU64 C3, (64*3)(DI)
	VMOVDQU64 C4, (64*4)(DI)
	VMOVDQU64 C5, (64*5)(DI)
	VMOVDQU64 C6, (64*6)(DI)
	VMOVDQU64 C7, (64*7)(DI)
	VMOVDQU64 C8, (64*8)(DI)
	VMOVDQU64 C9, (64*9)(DI)
	VZEROUPPER
	RET
