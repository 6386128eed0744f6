#include "textflag.h"

// Eight Montgomery multiplications at once with AVX-512 IFMA, each in a lane of
// its own and modulo a number of its own, with 13 digits of 52 bits (676 bits).
// Digit j of all eight numbers is vector j, so no lane needs anything of another
// and nothing has to be moved between lanes.
//
// VPMADD52LUQ a, b, c adds to each lane of c the lower 52 bits of the product of
// the lower 52 bits of the lanes of a and b; VPMADD52HUQ adds the upper 52 bits.
//
//	C0…C13    the sum, a vector per position; which register is which position
//	          changes from row to row
//	N0…N12    the moduli
//	SI        the factors x, whose digits are read from memory
//	Y         a digit of the factors y
//	Q         quotient digits
//	KINV      -1/n modulo 2^52
//	T         temporary; M, 2^52-1, takes the place of KINV after the last row
//	K1        the lanes whose product is doubled
//
// A row is, for digit i of y,
//
//	C += low(x·y[i]);  Q = low(C[0]·KINV);  C += low(n·Q)
//	C[1] += C[0] / 2^52                  (C[0] is a multiple of 2^52 by now)
//	C[j+1] += high(x[j]·y[i]) + high(n[j]·Q)
//	C = C / 2^52, which is that C[1] is called C[0] from now on, and so on
//
// The register of the old C[0] is cleared by the next row and becomes its C[13].
// With 14 registers and 13 rows, each row has its own order of them.
//
// No lane overflows: a position takes part in at most 13 rows and gets at most
// two lower and two upper halves in each, all below 2^52, and a carry below 2^12
// from the position below: less than 53·2^52 < 2^58. Doubled that is below 2^59.
//
// Factors are below 4n, with all digits below 2^52; 256n is at most R = 2^676.
// Then the product is below (4n·4n + (R-1)·n)/R < n·(16/256 + 1) < 2n, and below
// 4n again if doubled. So its top digit is no longer than 52 bits when all others
// have given their carry to the next: nothing is lost at the end.

#define N0 Z14
#define N1 Z15
#define N2 Z16
#define N3 Z17
#define N4 Z18
#define N5 Z19
#define N6 Z20
#define N7 Z21
#define N8 Z22
#define N9 Z23
#define N10 Z24
#define N11 Z25
#define N12 Z26
#define Y Z27
#define Q Z28
#define KINV Z29
#define M Z29
#define T Z30

// The row for the digit that BX points to. First the lower halves that do not
// need Q, with C0, which Q needs, in front; then Q; then C0 and its carry, which
// the next row waits for; then the rest.
#define ROW(C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13) \
	VMOVDQU64   (BX), Y; \
	ADDQ        $64, BX; \
	VPMADD52LUQ (0*64)(SI), Y, C0; \
	VPXORQ      Q, Q, Q; \
	VPMADD52LUQ KINV, C0, Q; \
	VPXORQ      C13, C13, C13; \
	VPMADD52LUQ (1*64)(SI), Y, C1; \
	VPMADD52LUQ (2*64)(SI), Y, C2; \
	VPMADD52LUQ (3*64)(SI), Y, C3; \
	VPMADD52LUQ (4*64)(SI), Y, C4; \
	VPMADD52LUQ (5*64)(SI), Y, C5; \
	VPMADD52LUQ (6*64)(SI), Y, C6; \
	VPMADD52LUQ (7*64)(SI), Y, C7; \
	VPMADD52LUQ (8*64)(SI), Y, C8; \
	VPMADD52LUQ (9*64)(SI), Y, C9; \
	VPMADD52LUQ (10*64)(SI), Y, C10; \
	VPMADD52LUQ (11*64)(SI), Y, C11; \
	VPMADD52LUQ (12*64)(SI), Y, C12; \
	VPMADD52HUQ (0*64)(SI), Y, C1; \
	VPMADD52LUQ N0, Q, C0; \
	VPMADD52LUQ N1, Q, C1; \
	VPMADD52HUQ N0, Q, C1; \
	VPSRLQ      $52, C0, T; \
	VPADDQ      T, C1, C1; \
	VPMADD52HUQ (1*64)(SI), Y, C2; \
	VPMADD52HUQ (2*64)(SI), Y, C3; \
	VPMADD52HUQ (3*64)(SI), Y, C4; \
	VPMADD52HUQ (4*64)(SI), Y, C5; \
	VPMADD52HUQ (5*64)(SI), Y, C6; \
	VPMADD52HUQ (6*64)(SI), Y, C7; \
	VPMADD52HUQ (7*64)(SI), Y, C8; \
	VPMADD52HUQ (8*64)(SI), Y, C9; \
	VPMADD52HUQ (9*64)(SI), Y, C10; \
	VPMADD52HUQ (10*64)(SI), Y, C11; \
	VPMADD52HUQ (11*64)(SI), Y, C12; \
	VPMADD52HUQ (12*64)(SI), Y, C13; \
	VPMADD52LUQ N2, Q, C2; \
	VPMADD52LUQ N3, Q, C3; \
	VPMADD52LUQ N4, Q, C4; \
	VPMADD52LUQ N5, Q, C5; \
	VPMADD52LUQ N6, Q, C6; \
	VPMADD52LUQ N7, Q, C7; \
	VPMADD52LUQ N8, Q, C8; \
	VPMADD52LUQ N9, Q, C9; \
	VPMADD52LUQ N10, Q, C10; \
	VPMADD52LUQ N11, Q, C11; \
	VPMADD52LUQ N12, Q, C12; \
	VPMADD52HUQ N1, Q, C2; \
	VPMADD52HUQ N2, Q, C3; \
	VPMADD52HUQ N3, Q, C4; \
	VPMADD52HUQ N4, Q, C5; \
	VPMADD52HUQ N5, Q, C6; \
	VPMADD52HUQ N6, Q, C7; \
	VPMADD52HUQ N7, Q, C8; \
	VPMADD52HUQ N8, Q, C9; \
	VPMADD52HUQ N9, Q, C10; \
	VPMADD52HUQ N10, Q, C11; \
	VPMADD52HUQ N11, Q, C12; \
	VPMADD52HUQ N12, Q, C13

// Double the lanes in K1 and give what exceeds 52 bits to the next position.
#define SETTLE(C) \
	VPADDQ    C, C, K1, C; \
	VPADDQ    T, C, C; \
	VPSRLQ    $52, C, T; \
	VPANDQ    M, C, C; \
	VMOVDQU64 C, (DI); \
	ADDQ      $64, DI

// func ifmaMulLanes(z, x, y, n *[104]uint64, k *[8]uint64, double uint8)
TEXT ·ifmaMulLanes(SB), NOSPLIT, $0-41
	MOVQ      z+0(FP), DI
	MOVQ      x+8(FP), SI
	MOVQ      y+16(FP), BX
	MOVQ      n+24(FP), R8
	MOVQ      k+32(FP), R9
	MOVBLZX   double+40(FP), AX
	KMOVW     AX, K1
	VMOVDQU64 (R9), KINV
	VMOVDQU64 (0*64)(R8), N0
	VMOVDQU64 (1*64)(R8), N1
	VMOVDQU64 (2*64)(R8), N2
	VMOVDQU64 (3*64)(R8), N3
	VMOVDQU64 (4*64)(R8), N4
	VMOVDQU64 (5*64)(R8), N5
	VMOVDQU64 (6*64)(R8), N6
	VMOVDQU64 (7*64)(R8), N7
	VMOVDQU64 (8*64)(R8), N8
	VMOVDQU64 (9*64)(R8), N9
	VMOVDQU64 (10*64)(R8), N10
	VMOVDQU64 (11*64)(R8), N11
	VMOVDQU64 (12*64)(R8), N12
	VPXORQ    Z0, Z0, Z0
	VPXORQ    Z1, Z1, Z1
	VPXORQ    Z2, Z2, Z2
	VPXORQ    Z3, Z3, Z3
	VPXORQ    Z4, Z4, Z4
	VPXORQ    Z5, Z5, Z5
	VPXORQ    Z6, Z6, Z6
	VPXORQ    Z7, Z7, Z7
	VPXORQ    Z8, Z8, Z8
	VPXORQ    Z9, Z9, Z9
	VPXORQ    Z10, Z10, Z10
	VPXORQ    Z11, Z11, Z11
	VPXORQ    Z12, Z12, Z12

	ROW(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13)
	ROW(Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0)
	ROW(Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1)
	ROW(Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2)
	ROW(Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3)
	ROW(Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4)
	ROW(Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5)
	ROW(Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6)
	ROW(Z8, Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7)
	ROW(Z9, Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8)
	ROW(Z10, Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9)
	ROW(Z11, Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10)
	ROW(Z12, Z13, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11)

	// After the last row position 0 is in the second of its registers. No factor
	// is read any more, so z may be x or y.
	MOVQ         $0xfffffffffffff, AX
	VPBROADCASTQ AX, M
	VPXORQ       T, T, T
	SETTLE(Z13)
	SETTLE(Z0)
	SETTLE(Z1)
	SETTLE(Z2)
	SETTLE(Z3)
	SETTLE(Z4)
	SETTLE(Z5)
	SETTLE(Z6)
	SETTLE(Z7)
	SETTLE(Z8)
	SETTLE(Z9)
	SETTLE(Z10)
	SETTLE(Z11)
	VZEROUPPER
	RET
