#include "textflag.h"

// Montgomery multiplication of four pairs of numbers at once with AVX-512 IFMA,
// each pair in a lane of its own and modulo a number of its own, with 20 digits
// of 52 bits (1040 bits). Digit j of all four numbers is vector j, so nothing has
// to be moved between lanes. Nothing depends on the numbers: not the
// instructions, not the addresses.
//
// VPMADD52LUQ a, b, c adds to each lane of c the lower 52 bits of the product of
// the lower 52 bits of the lanes of a and b; VPMADD52HUQ adds the upper 52 bits.
//
//	C0…C20    the sum, a vector per position
//	N0…N4     the lowest digits of the moduli; the others are read from memory
//	R8        the moduli
//	SI        the factors x
//	BX        the factors y; those of squarings are x
//	Y         a digit of the factors y
//	Q         quotient digits
//	KINV      -1/n modulo 2^52
//	T         temporary
//	M         2^52-1
//
// A row is, for digit i of y,
//
//	C += x·y[i], lower halves at position j, upper halves at position j+1
//	Q = low(C[0]·KINV);  C += n·Q, likewise
//	C[1] += C[0] / 2^52                  (C[0] is a multiple of 2^52 by now)
//	C = C / 2^52, that is: move every position down by one
//
// No lane overflows: a position takes part in at most 21 rows and gets at most
// two lower and two upper halves in each, all below 2^52, and a carry below 2^12
// from the position below: less than 85·2^52 < 2^59.
//
// Factors are below 2n, with all digits below 2^52; 4n is less than R = 2^1040.
// Then the product is below (2n·2n + (R-1)·n)/R < 2n, so its top digit is no
// longer than 52 bits when all others have given their carry to the next:
// nothing is lost at the end.

#define C0 Y0
#define C1 Y1
#define C2 Y2
#define C3 Y3
#define C4 Y4
#define C5 Y5
#define C6 Y6
#define C7 Y7
#define C8 Y8
#define C9 Y9
#define C10 Y10
#define C11 Y11
#define C12 Y12
#define C13 Y13
#define C14 Y14
#define C15 Y15
#define C16 Y16
#define C17 Y17
#define C18 Y18
#define C19 Y19
#define C20 Y20
#define Y Y21
#define Q Y22
#define KINV Y23
#define T Y24
#define M Y25
#define N0 Y26
#define N1 Y27
#define N2 Y28
#define N3 Y29
#define N4 Y30

// Add Y times T, to a position and the next.
#define TIMES(low, high) \
	VPMADD52LUQ T, Y, low; \
	VPMADD52HUQ T, Y, high

// Add Y times a digit in memory.
#define DIGIT(address, low, high) \
	VMOVDQU64 address, T; \
	TIMES(low, high)

// Add Y times the digits at R9 from the one in the name on.
#define FROM19 DIGIT((19*32)(R9), C19, C20)
#define FROM18 DIGIT((18*32)(R9), C18, C19); FROM19
#define FROM17 DIGIT((17*32)(R9), C17, C18); FROM18
#define FROM16 DIGIT((16*32)(R9), C16, C17); FROM17
#define FROM15 DIGIT((15*32)(R9), C15, C16); FROM16
#define FROM14 DIGIT((14*32)(R9), C14, C15); FROM15
#define FROM13 DIGIT((13*32)(R9), C13, C14); FROM14
#define FROM12 DIGIT((12*32)(R9), C12, C13); FROM13
#define FROM11 DIGIT((11*32)(R9), C11, C12); FROM12
#define FROM10 DIGIT((10*32)(R9), C10, C11); FROM11
#define FROM9 DIGIT((9*32)(R9), C9, C10); FROM10
#define FROM8 DIGIT((8*32)(R9), C8, C9); FROM9
#define FROM7 DIGIT((7*32)(R9), C7, C8); FROM8
#define FROM6 DIGIT((6*32)(R9), C6, C7); FROM7
#define FROM5 DIGIT((5*32)(R9), C5, C6); FROM6
#define FROM4 DIGIT((4*32)(R9), C4, C5); FROM5
#define FROM3 DIGIT((3*32)(R9), C3, C4); FROM4
#define FROM2 DIGIT((2*32)(R9), C2, C3); FROM3
#define FROM1 DIGIT((1*32)(R9), C1, C2); FROM2
#define FROM0 DIGIT((0*32)(R9), C0, C1); FROM1

// Add a digit of n times Q to two positions, the first of which is complete then
// and moves down.
#define REDUCE(n, below, low, high) \
	VPMADD52LUQ n, Q, low; \
	VPMADD52HUQ n, Q, high; \
	VMOVDQA64   low, below

#define REDUCEM(address, below, low, high) \
	VMOVDQU64 address, T; \
	REDUCE(T, below, low, high)

// The end of a row. First C0 and its carry, which the next row waits for.
#define QUOTIENT \
	VPXORQ      Q, Q, Q; \
	VPMADD52LUQ KINV, C0, Q; \
	VPMADD52LUQ N0, Q, C0; \
	VPMADD52HUQ N0, Q, C1; \
	VPMADD52LUQ N1, Q, C1; \
	VPMADD52HUQ N1, Q, C2; \
	VPSRLQ      $52, C0, T; \
	VPADDQ      T, C1, C0; \
	REDUCE(N2, C1, C2, C3); \
	REDUCE(N3, C2, C3, C4); \
	REDUCE(N4, C3, C4, C5); \
	REDUCEM((5*32)(R8), C4, C5, C6); \
	REDUCEM((6*32)(R8), C5, C6, C7); \
	REDUCEM((7*32)(R8), C6, C7, C8); \
	REDUCEM((8*32)(R8), C7, C8, C9); \
	REDUCEM((9*32)(R8), C8, C9, C10); \
	REDUCEM((10*32)(R8), C9, C10, C11); \
	REDUCEM((11*32)(R8), C10, C11, C12); \
	REDUCEM((12*32)(R8), C11, C12, C13); \
	REDUCEM((13*32)(R8), C12, C13, C14); \
	REDUCEM((14*32)(R8), C13, C14, C15); \
	REDUCEM((15*32)(R8), C14, C15, C16); \
	REDUCEM((16*32)(R8), C15, C16, C17); \
	REDUCEM((17*32)(R8), C16, C17, C18); \
	REDUCEM((18*32)(R8), C17, C18, C19); \
	REDUCEM((19*32)(R8), C18, C19, C20); \
	VMOVDQA64   C20, C19; \
	VPXORQ      C20, C20, C20

#define LOAD \
	VMOVDQU64    (R10), KINV; \
	MOVQ         $0xfffffffffffff, AX; \
	VPBROADCASTQ AX, M; \
	VMOVDQU64    (0*32)(R8), N0; \
	VMOVDQU64    (1*32)(R8), N1; \
	VMOVDQU64    (2*32)(R8), N2; \
	VMOVDQU64    (3*32)(R8), N3; \
	VMOVDQU64    (4*32)(R8), N4; \
	VPXORQ       C0, C0, C0; \
	VPXORQ       C1, C1, C1; \
	VPXORQ       C2, C2, C2; \
	VPXORQ       C3, C3, C3; \
	VPXORQ       C4, C4, C4; \
	VPXORQ       C5, C5, C5; \
	VPXORQ       C6, C6, C6; \
	VPXORQ       C7, C7, C7; \
	VPXORQ       C8, C8, C8; \
	VPXORQ       C9, C9, C9; \
	VPXORQ       C10, C10, C10; \
	VPXORQ       C11, C11, C11; \
	VPXORQ       C12, C12, C12; \
	VPXORQ       C13, C13, C13; \
	VPXORQ       C14, C14, C14; \
	VPXORQ       C15, C15, C15; \
	VPXORQ       C16, C16, C16; \
	VPXORQ       C17, C17, C17; \
	VPXORQ       C18, C18, C18; \
	VPXORQ       C19, C19, C19; \
	VPXORQ       C20, C20, C20

// Give what exceeds 52 bits to the next position, and store the result.
#define SETTLE(j, C) \
	VPADDQ    T, C, C; \
	VPSRLQ    $52, C, T; \
	VPANDQ    M, C, C; \
	VMOVDQU64 C, (j*32)(DI)

#define STORE \
	VPXORQ T, T, T; \
	SETTLE(0, C0); \
	SETTLE(1, C1); \
	SETTLE(2, C2); \
	SETTLE(3, C3); \
	SETTLE(4, C4); \
	SETTLE(5, C5); \
	SETTLE(6, C6); \
	SETTLE(7, C7); \
	SETTLE(8, C8); \
	SETTLE(9, C9); \
	SETTLE(10, C10); \
	SETTLE(11, C11); \
	SETTLE(12, C12); \
	SETTLE(13, C13); \
	SETTLE(14, C14); \
	SETTLE(15, C15); \
	SETTLE(16, C16); \
	SETTLE(17, C17); \
	SETTLE(18, C18); \
	SETTLE(19, C19); \
	VZEROUPPER

// func ifmaMulQuad(z, x, y, n *[80]uint64, k *[4]uint64)
TEXT ·ifmaMulQuad(SB), NOSPLIT, $0-40
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), R9
	MOVQ y+16(FP), BX
	MOVQ n+24(FP), R8
	MOVQ k+32(FP), R10
	LOAD
	MOVQ $20, CX

row:
	VMOVDQU64 (BX), Y
	ADDQ      $32, BX
	FROM0
	QUOTIENT
	DECQ      CX
	JNZ       row

	// No factor is read any more, so z may be x or y.
	STORE
	RET

// Squaring computes products of different digits once, doubled. Doubling a digit
// may need 53 bits, so what is doubled is the whole number: digit j of 2x is the
// lower 52 bits of 2·x[j] + x[j-1]/2^51, of which the second part, the carry, is
// 0 or 1. The multiplication drops the bits beyond 52 itself. Row i takes
//
//	x[i]·x[i]
//	x[i]·(2·x[i+1] modulo 2^52)       as nothing below it is doubled along with
//	                                  it, it gets no carry
//	x[i]·(2x)[j] for j from i+2 on
//
// which is x[i] times x[i] + 2·(x[i+1] + x[i+2]·2^52 + …). The top digit of 2x
// fits, as 2x < 4n < R. A product for a pair of digits belongs to the same
// position as in a multiplication and comes in the row of the lower one, so never
// later than it is due: when row i divides by 2^52, position i has everything
// from pairs (a, b) with a ≤ b and a+b ≤ i. A position collects no more halves
// than in a multiplication.

// Digit j of 2x, from digit j-1 in previous.
#define DOUBLE(j, previous, digit) \
	VMOVDQU64 (j*32)(SI), digit; \
	VPSRLQ    $51, previous, T; \
	VPADDQ    digit, digit, Y; \
	VPADDQ    T, Y, Y; \
	VMOVDQU64 Y, (j*32)(R9)

// Row i but for the digits from i+2 on; low, middle and high are positions from
// i on.
#define SQUARE(i, low, middle, high) \
	VMOVDQU64   (i*32)(SI), Y; \
	VMOVDQU64   (i*32+32)(SI), T; \
	VPADDQ      T, T, T; \
	VPMADD52LUQ Y, Y, low; \
	VPMADD52HUQ Y, Y, middle; \
	TIMES(middle, high)

// func ifmaSqrQuad(z, x, n *[80]uint64, k *[4]uint64)
TEXT ·ifmaSqrQuad(SB), 0, $640-32
	MOVQ z+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), R8
	MOVQ k+24(FP), R10
	LEAQ 0(SP), R9     // 2x

	// Digits 0 and 1 of 2x are not needed. N0 and N1 take turns as the digit before.
	VMOVDQU64 (1*32)(SI), N1
	DOUBLE(2, N1, N0)
	DOUBLE(3, N0, N1)
	DOUBLE(4, N1, N0)
	DOUBLE(5, N0, N1)
	DOUBLE(6, N1, N0)
	DOUBLE(7, N0, N1)
	DOUBLE(8, N1, N0)
	DOUBLE(9, N0, N1)
	DOUBLE(10, N1, N0)
	DOUBLE(11, N0, N1)
	DOUBLE(12, N1, N0)
	DOUBLE(13, N0, N1)
	DOUBLE(14, N1, N0)
	DOUBLE(15, N0, N1)
	DOUBLE(16, N1, N0)
	DOUBLE(17, N0, N1)
	DOUBLE(18, N1, N0)
	DOUBLE(19, N0, N1)

	LOAD

	SQUARE(0, C0, C1, C2)
	FROM2
	QUOTIENT
	SQUARE(1, C1, C2, C3)
	FROM3
	QUOTIENT
	SQUARE(2, C2, C3, C4)
	FROM4
	QUOTIENT
	SQUARE(3, C3, C4, C5)
	FROM5
	QUOTIENT
	SQUARE(4, C4, C5, C6)
	FROM6
	QUOTIENT
	SQUARE(5, C5, C6, C7)
	FROM7
	QUOTIENT
	SQUARE(6, C6, C7, C8)
	FROM8
	QUOTIENT
	SQUARE(7, C7, C8, C9)
	FROM9
	QUOTIENT
	SQUARE(8, C8, C9, C10)
	FROM10
	QUOTIENT
	SQUARE(9, C9, C10, C11)
	FROM11
	QUOTIENT
	SQUARE(10, C10, C11, C12)
	FROM12
	QUOTIENT
	SQUARE(11, C11, C12, C13)
	FROM13
	QUOTIENT
	SQUARE(12, C12, C13, C14)
	FROM14
	QUOTIENT
	SQUARE(13, C13, C14, C15)
	FROM15
	QUOTIENT
	SQUARE(14, C14, C15, C16)
	FROM16
	QUOTIENT
	SQUARE(15, C15, C16, C17)
	FROM17
	QUOTIENT
	SQUARE(16, C16, C17, C18)
	FROM18
	QUOTIENT
	SQUARE(17, C17, C18, C19)
	FROM19
	QUOTIENT
	SQUARE(18, C18, C19, C20)
	QUOTIENT
	VMOVDQU64   (19*32)(SI), Y
	VPMADD52LUQ Y, Y, C19
	VPMADD52HUQ Y, Y, C20
	QUOTIENT

	STORE
	RET

// Copy position j of an entry to its register in the lanes that K1 selects.
#define TAKE(j, C) \
	VMOVDQU64 (j*32)(SI), T; \
	VMOVDQA64 T, K1, C

// func ifmaChooseQuad(z *[80]uint64, table *[16][80]uint64, index *[4]uint64)
//
// Every entry is read whole. Q is the number of the entry in all lanes, KINV the
// number that is wanted and M is one.
TEXT ·ifmaChooseQuad(SB), NOSPLIT, $0-24
	MOVQ         z+0(FP), DI
	MOVQ         table+8(FP), SI
	MOVQ         index+16(FP), BX
	VMOVDQU64    (BX), KINV
	VPXORQ       Q, Q, Q
	MOVQ         $1, AX
	VPBROADCASTQ AX, M
	MOVQ         $16, CX

entry:
	VPCMPEQQ Q, KINV, K1
	TAKE(0, C0)
	TAKE(1, C1)
	TAKE(2, C2)
	TAKE(3, C3)
	TAKE(4, C4)
	TAKE(5, C5)
	TAKE(6, C6)
	TAKE(7, C7)
	TAKE(8, C8)
	TAKE(9, C9)
	TAKE(10, C10)
	TAKE(11, C11)
	TAKE(12, C12)
	TAKE(13, C13)
	TAKE(14, C14)
	TAKE(15, C15)
	TAKE(16, C16)
	TAKE(17, C17)
	TAKE(18, C18)
	TAKE(19, C19)
	VPADDQ   M, Q, Q
	ADDQ     $640, SI
	DECQ     CX
	JNZ      entry

	VMOVDQU64 C0, (0*32)(DI)
	VMOVDQU64 C1, (1*32)(DI)
	VMOVDQU64 C2, (2*32)(DI)
	VMOVDQU64 C3, (3*32)(DI)
	VMOVDQU64 C4, (4*32)(DI)
	VMOVDQU64 C5, (5*32)(DI)
	VMOVDQU64 C6, (6*32)(DI)
	VMOVDQU64 C7, (7*32)(DI)
	VMOVDQU64 C8, (8*32)(DI)
	VMOVDQU64 C9, (9*32)(DI)
	VMOVDQU64 C10, (10*32)(DI)
	VMOVDQU64 C11, (11*32)(DI)
	VMOVDQU64 C12, (12*32)(DI)
	VMOVDQU64 C13, (13*32)(DI)
	VMOVDQU64 C14, (14*32)(DI)
	VMOVDQU64 C15, (15*32)(DI)
	VMOVDQU64 C16, (16*32)(DI)
	VMOVDQU64 C17, (17*32)(DI)
	VMOVDQU64 C18, (18*32)(DI)
	VMOVDQU64 C19, (19*32)(DI)
	VZEROUPPER
	RET
