// The registers of rows8_arm64.s and rows4_arm64.s.
//
// R0 points into a sum and R1 into the number that a row multiplies. R18, R27 and
// R28 are not ours: they belong to the system, the assembler and Go.

#define COUNT R2
#define X0 R3
#define X1 R4
#define T0 R5
#define T1 R6
#define H0 R7
#define H1 R8
#define H2 R9

// LOWER and UPPER add a half of x·y to w, and the carry of what was added before.
#define LOWER(x, y, w) \
	MUL  x, y, H0; \
	ADCS H0, w, w

#define UPPER(x, y, w) \
	UMULH x, y, H0; \
	ADCS  H0, w, w
