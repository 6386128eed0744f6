// Montgomery multiplication with AVX-512 IFMA: what ifma20_amd64.s and
// ifma40_amd64.s have in common. Those define the names of the registers: five
// vectors each of 4 lanes (20 digits, 1040 bits) or of 8 lanes (40 digits, 2080
// bits), a digit per lane.
//
// VPMADD52LUQ a, b, c adds to each lane of c the lower 52 bits of the product of
// the lower 52 bits of the lanes of a and b; VPMADD52HUQ adds the upper 52 bits.
// Digits of factors therefore have 52 bits exactly. Lanes of sums have 64 bits
// and take in many products before their carries are settled.
//
//	A0…A4  the factor x
//	N0…N4  the number h, in the last row the modulus n
//	C0…C4  the sum so far, without what is still in D; CX0 is its lowest 128 bits
//	D0…D4  what this row adds to the next position of the sum
//	B      a digit of the other factor y, in all lanes
//	Q      the quotient digit, in all lanes; QX is its lowest 128 bits
//	KINV   -1/n modulo 2^52, in all lanes
//	M      2^52-1 in all lanes
//	T      temporary
//	ZERO   zero
//	K1     the mask that selects the lowest lane
//
// There is one row per digit y[i], the lowest first. All but the last one add
// multiples of the product N of n and k = -1/n modulo 2^52 instead of n, because
// N is -1 modulo 2^52: the quotient digit Q that makes the lowest digit zero is
// the lowest digit itself. With h = (N+1)/2^52, which is at most n, a row is meant
// to do
//
//	C += low(x·y[i]);  Q = low(C[0])
//	C = (C - Q) / 2^52, that is: move every lane down by one
//	C += high(x·y[i]) + low(h·Q), and high(h·Q) one position higher
//
// The upper halves belong one position higher than the lower halves, so they
// are added after the move, those of h after the move of the next row. The bits of
// the lowest lane above 52 are the carry into the next lane and are added to the
// lane that takes its place.
//
// The next Q waits for C[0], so everything that does not depend on Q is summed
// apart, in D, ahead of time: the upper halves of this row and, since they end
// up at the same position, the lower halves x·y[i+1] of the next row. Between one Q
// and the next there is a single multiplication.
//
// N is up to 2^52 times n, so the sum would end as large as that. The last row is
// for n as it is. Its Q takes a multiplication by KINV.
//
// With R = 2^52 to the number of digits, the multiples of n that are added are
// below R·n altogether before the last row, and in the last row. So the sum ends
// below x·y/R + 2n.
//
// No lane overflows: what a position collects is at most a lower and an upper half
// from each of 40 rows, of x·y and of h·Q or n·Q, each below 2^52, and a carry below
// 2^12 from the position before it. That is below 160·2^52 + 2^12 < 2^60.

// REDUCE is the part of a row that depends on Q, which at its beginning is that of
// the row before. What the next Q waits for comes as early as that allows:
// processors start with the oldest of what is ready.
#define REDUCE \
	UPPER; \
	VPBROADCASTQ CX0, Q; \
	VPSRLQ.Z     $52, C0, K1, T; \
	VPADDQ       T, D0, D0; \
	VALIGNQ      $1, C0, C1, C0; \
	VPADDQ       D0, C0, C0; \
	VPMADD52LUQ  N0, Q, C0; \
	VALIGNQ      $1, C1, C2, C1; \
	VPADDQ       D1, C1, C1; \
	VPMADD52LUQ  N1, Q, C1; \
	VALIGNQ      $1, C2, C3, C2; \
	VPADDQ       D2, C2, C2; \
	VPMADD52LUQ  N2, Q, C2; \
	VALIGNQ      $1, C3, C4, C3; \
	VPADDQ       D3, C3, C3; \
	VPMADD52LUQ  N3, Q, C3; \
	VALIGNQ      $1, C4, ZERO, C4; \
	VPADDQ       D4, C4, C4; \
	VPMADD52LUQ  N4, Q, C4

// UPPER adds the upper halves of h·Q to D.
#define UPPER \
	VPMADD52HUQ N0, Q, D0; \
	VPMADD52HUQ N1, Q, D1; \
	VPMADD52HUQ N2, Q, D2; \
	VPMADD52HUQ N3, Q, D3; \
	VPMADD52HUQ N4, Q, D4

// REDUCELAST is REDUCE for the last row, with n from R8.
#define REDUCELAST \
	UPPER; \
	VMOVDQU64    (0*WIDTH)(R8), N0; \
	VMOVDQU64    (1*WIDTH)(R8), N1; \
	VMOVDQU64    (2*WIDTH)(R8), N2; \
	VMOVDQU64    (3*WIDTH)(R8), N3; \
	VMOVDQU64    (4*WIDTH)(R8), N4; \
	VPXORQ       Q, Q, Q; \
	VPMADD52LUQ  KINV, C0, Q; \
	VPBROADCASTQ QX, Q; \
	VPMADD52LUQ  N0, Q, C0; \
	VPMADD52LUQ  N1, Q, C1; \
	VPMADD52LUQ  N2, Q, C2; \
	VPMADD52LUQ  N3, Q, C3; \
	VPMADD52LUQ  N4, Q, C4; \
	UPPER; \
	VPSRLQ.Z     $52, C0, K1, T; \
	VALIGNQ      $1, C0, C1, C0; \
	VALIGNQ      $1, C1, C2, C1; \
	VALIGNQ      $1, C2, C3, C2; \
	VALIGNQ      $1, C3, C4, C3; \
	VALIGNQ      $1, C4, ZERO, C4; \
	VPADDQ       T, D0, D0; \
	VPADDQ       D0, C0, C0; \
	VPADDQ       D1, C1, C1; \
	VPADDQ       D2, C2, C2; \
	VPADDQ       D3, C3, C3; \
	VPADDQ       D4, C4, C4

#define CLEAR \
	VPXORQ D0, D0, D0; \
	VPXORQ D1, D1, D1; \
	VPXORQ D2, D2, D2; \
	VPXORQ D3, D3, D3; \
	VPXORQ D4, D4, D4

// Add a half of the product of B and one vector of x.
#define HIGH(a, d) VPMADD52HUQ a, B, d
#define LOW(a, d) VPMADD52LUQ a, B, d

#define TWICE(d) VPADDQ d, d, d

// Go on to the next digit of y.
#define NEXT \
	ADDQ         $8, BX; \
	VPBROADCASTQ (BX), B

// Load everything. DI, SI, BX, R8 and R9 point to z, x, y, n and h.
#define LOAD \
	VMOVDQU64    (0*WIDTH)(SI), A0; \
	VMOVDQU64    (1*WIDTH)(SI), A1; \
	VMOVDQU64    (2*WIDTH)(SI), A2; \
	VMOVDQU64    (3*WIDTH)(SI), A3; \
	VMOVDQU64    (4*WIDTH)(SI), A4; \
	VMOVDQU64    (0*WIDTH)(R9), N0; \
	VMOVDQU64    (1*WIDTH)(R9), N1; \
	VMOVDQU64    (2*WIDTH)(R9), N2; \
	VMOVDQU64    (3*WIDTH)(R9), N3; \
	VMOVDQU64    (4*WIDTH)(R9), N4; \
	VPBROADCASTQ (BX), B; \
	VPXORQ       Q, Q, Q; \
	VPXORQ       ZERO, ZERO, ZERO; \
	VPXORQ       C0, C0, C0; \
	VPXORQ       C1, C1, C1; \
	VPXORQ       C2, C2, C2; \
	VPXORQ       C3, C3, C3; \
	VPXORQ       C4, C4, C4; \
	MOVQ         $1, AX; \
	KMOVW        AX, K1; \
	MOVQ         $0xfffffffffffff, AX; \
	VPBROADCASTQ AX, M

// One round of settling carries: what exceeds 52 bits in a lane moves to the
// next one. The bits above 52 of all lanes are collected in T, and the zero flag
// is set if there are none. LAST is the number of the last lane of a vector:
// VALIGNQ $LAST, a, b, c puts the lanes of b one up into c and fills the lowest
// with the last lane of a. The carry out of C4 is dropped. It is zero: the sum
// is less than 3n, which is far less than fits in all lanes.
#define CARRY \
	VPSRLQ   $52, C0, D0; \
	VPSRLQ   $52, C1, D1; \
	VPSRLQ   $52, C2, D2; \
	VPSRLQ   $52, C3, D3; \
	VPSRLQ   $52, C4, D4; \
	VPANDQ   M, C0, C0; \
	VPANDQ   M, C1, C1; \
	VPANDQ   M, C2, C2; \
	VPANDQ   M, C3, C3; \
	VPANDQ   M, C4, C4; \
	VALIGNQ  $LAST, D3, D4, D4; \
	VALIGNQ  $LAST, D2, D3, D3; \
	VALIGNQ  $LAST, D1, D2, D2; \
	VALIGNQ  $LAST, D0, D1, D1; \
	VALIGNQ  $LAST, ZERO, D0, D0; \
	VPADDQ   D0, C0, C0; \
	VPADDQ   D1, C1, C1; \
	VPADDQ   D2, C2, C2; \
	VPADDQ   D3, C3, C3; \
	VPADDQ   D4, C4, C4; \
	VPORQ    C0, C1, T; \
	VPORQ    C2, T, T; \
	VPORQ    C3, T, T; \
	VPORQ    C4, T, T; \
	VPSRLQ   $52, T, T; \
	VPTESTMQ T, T, K2; \
	KMOVW    K2, AX; \
	TESTL    AX, AX

#define STORE \
	VMOVDQU64 C0, (0*WIDTH)(DI); \
	VMOVDQU64 C1, (1*WIDTH)(DI); \
	VMOVDQU64 C2, (2*WIDTH)(DI); \
	VMOVDQU64 C3, (3*WIDTH)(DI); \
	VMOVDQU64 C4, (4*WIDTH)(DI); \
	VZEROUPPER
