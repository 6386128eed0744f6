#include "textflag.h"
#include "adx_amd64.h"
#include "adxsqr_amd64.h"

// adxRows has a row for each word from CX up to X0, a multiple of eight of them.
// Afterwards DI is where the window is.
TEXT adxRows<>(SB), NOSPLIT, $8
	XORQ BP, BP
	JMP  more

rows:
	EIGHT(ADDROW)
	ADDQ $64, CX
	ADDQ $64, DI

more:
	MOVQ X0, AX
	CMPQ CX, AX
	JNE  rows
	RET

// func adxProduct(t, x, y *uint64, blocks int)
//
// x and y have 8·blocks words. t receives their product in twice as many; the
// lower half of it is zero before.
//
// Eight words of x at a time are multiplied by all of y. The window starts empty
// and ends in words of t that nothing was added to before.
TEXT ·adxProduct(SB), NOSPLIT, $0-32
	MOVQ blocks+24(FP), AX
	SHLQ $6, AX
	MOVQ y+16(FP), CX
	ADDQ AX, CX
	MOVQ CX, X0
	MOVQ x+8(FP), SI
	ADDQ SI, AX
	MOVQ AX, X1 // the end of x

eight:
	XORQ R8, R8
	XORQ R9, R9
	XORQ R10, R10
	XORQ R11, R11
	XORQ R12, R12
	XORQ R13, R13
	XORQ R14, R14
	XORQ R15, R15
	MOVQ t+0(FP), DI
	MOVQ y+16(FP), CX
	CALL adxRows<>(SB)
	STORE

	ADDQ $64, t+0(FP)
	ADDQ $64, SI
	MOVQ X1, AX
	CMPQ SI, AX
	JNE  eight
	RET

// func adxSquare(t, x *uint64, blocks int)
//
// x has 8·blocks words. t receives its square in twice as many; the lower half of
// it is zero before.
//
// Products of different words of x occur twice in the square. So they are added
// up once, eight words at a time: the products among these eight, and those of
// the eight by the words after them. Then the sum is doubled, and the squares of
// the words are added. That is x² in the end, and less before: nothing is carried
// out of t.
TEXT ·adxSquare(SB), NOSPLIT, $8-24
	MOVQ blocks+16(FP), AX
	SHLQ $6, AX
	MOVQ x+8(FP), SI
	ADDQ SI, AX
	MOVQ AX, X0
	MOVQ t+0(FP), DI

eight:
	MOVQ DI, X1
	XORQ BP, BP
	LOAD
	TRIANGLE
	LEAQ 64(SI), CX
	ADDQ $64, DI
	CALL adxRows<>(SB)
	STORE

	MOVQ X1, DI
	ADDQ $128, DI
	MOVQ CX, AX // where adxRows ended, which is the end of x
	ADDQ $64, SI
	CMPQ SI, AX
	JNE  eight

	MOVQ t+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX
	XORQ AX, AX

	// Nothing but DOUBLE touches CF and OF from here on.
double:
	DOUBLE(0)
	DOUBLE(1)
	DOUBLE(2)
	DOUBLE(3)
	DOUBLE(4)
	DOUBLE(5)
	DOUBLE(6)
	DOUBLE(7)
	LEAQ  64(SI), SI
	LEAQ  128(DI), DI
	LEAQ  -1(CX), CX
	JCXZQ done
	JMP   double

done:
	RET

// func adxReduce(z, t, n *uint64, k uint64, blocks int)
//
// z and n have 8·blocks words, t has twice as many. z receives t/R, or that minus
// n if it does not fit.
//
// Eight quotients at a time make eight words of t zero. Rows with the lowest eight
// words of n find them. They take the place of those words of t and are then
// multiplied by the rest of n, as eight words of x are multiplied by y.
//
// The window ends in words that something was added to before. Up to there the sum
// is less than twice what fits: before, it fitted, and the multiple of n is less
// than n times what the quotients so far can be. The bit that is too much is due
// where the window ends the next time.
TEXT ·adxReduce(SB), NOSPLIT, $8-40
	MOVQ blocks+32(FP), AX
	SHLQ $6, AX
	MOVQ n+16(FP), CX
	ADDQ AX, CX
	MOVQ CX, X0
	MOVQ t+8(FP), SI
	ADDQ SI, AX
	MOVQ AX, X1 // the end of the lower half of t
	XORQ DX, DX
	MOVQ DX, X2 // -1 if there is a carry, otherwise 0

eight:
	MOVQ SI, DI
	MOVQ n+16(FP), SI
	MOVQ k+24(FP), CX
	XORQ BP, BP
	LOAD
	EIGHT(QUOTIENTROW)
	LEAQ 64(SI), CX
	MOVQ DI, SI
	ADDQ $64, DI
	CALL adxRows<>(SB)

	MOVQ X2, DX
	NEGQ DX // into CF
	ADCQ (0*8)(DI), R8
	ADCQ (1*8)(DI), R9
	ADCQ (2*8)(DI), R10
	ADCQ (3*8)(DI), R11
	ADCQ (4*8)(DI), R12
	ADCQ (5*8)(DI), R13
	ADCQ (6*8)(DI), R14
	ADCQ (7*8)(DI), R15
	SBBQ DX, DX
	MOVQ DX, X2
	STORE

	ADDQ $64, SI
	MOVQ X1, AX
	CMPQ SI, AX
	JNE  eight

	// SI points to the upper half of t, and DX says whether to subtract n. It is
	// always done, of n or of zero.
	MOVQ z+0(FP), DI
	MOVQ n+16(FP), R9
	MOVQ blocks+32(FP), CX
	XORQ BP, BP

subtract:
	FOURLESS(0)
	FOURLESS(4)
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $64, R9
	DECQ CX
	JNZ  subtract
	RET
