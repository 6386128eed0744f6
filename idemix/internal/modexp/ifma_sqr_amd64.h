// The body of a squaring, after the arguments were loaded into registers and
// KINV was set; y is x.
//
// Digits belong to five blocks, one per vector. A product of two digits of
// different blocks occurs twice in the square: it is computed in the row of the
// digit of the lower block, doubled, and left out in the row of the other one.
// Products within a block are computed as in a multiplication. So rows of block
// r leave out A0…A(r-1), take in Ar as it is, and double what comes from the
// vectors after it. Doubled products come earlier than their second half is due,
// never later: the position they belong to is the same. A position still
// collects no more than in a multiplication.
//
// D also takes in the lower halves of the next row. In the last row of block r
// the next row belongs to block r+1, for which A(r+1) is not doubled; there the
// upper halves are doubled before the lower ones are added.

	LOAD

	// The lower halves of the first row, which is in block 0.
	LOW(A0, C0)
	LOW(A1, C1)
	LOW(A2, C2)
	LOW(A3, C3)
	LOW(A4, C4)
	TWICE(C1)
	TWICE(C2)
	TWICE(C3)
	TWICE(C4)

	MOVQ $LAST, CX

block0:
	CLEAR
	HIGH(A0, D0)
	HIGH(A1, D1)
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	NEXT
	LOW(A0, D0)
	LOW(A1, D1)
	LOW(A2, D2)
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D1)
	TWICE(D2)
	TWICE(D3)
	TWICE(D4)
	REDUCE
	DECQ CX
	JNZ  block0

	// From block 0 to 1.
	CLEAR
	HIGH(A0, D0)
	HIGH(A1, D1)
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	TWICE(D1)
	NEXT
	LOW(A1, D1)
	LOW(A2, D2)
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D2)
	TWICE(D3)
	TWICE(D4)
	REDUCE

	MOVQ $LAST, CX

block1:
	CLEAR
	HIGH(A1, D1)
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	NEXT
	LOW(A1, D1)
	LOW(A2, D2)
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D2)
	TWICE(D3)
	TWICE(D4)
	REDUCE
	DECQ CX
	JNZ  block1

	// From block 1 to 2.
	CLEAR
	HIGH(A1, D1)
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	TWICE(D2)
	NEXT
	LOW(A2, D2)
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D3)
	TWICE(D4)
	REDUCE

	MOVQ $LAST, CX

block2:
	CLEAR
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	NEXT
	LOW(A2, D2)
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D3)
	TWICE(D4)
	REDUCE
	DECQ CX
	JNZ  block2

	// From block 2 to 3.
	CLEAR
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	TWICE(D3)
	NEXT
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D4)
	REDUCE

	MOVQ $LAST, CX

block3:
	CLEAR
	HIGH(A3, D3)
	HIGH(A4, D4)
	NEXT
	LOW(A3, D3)
	LOW(A4, D4)
	TWICE(D4)
	REDUCE
	DECQ CX
	JNZ  block3

	// From block 3 to 4.
	CLEAR
	HIGH(A3, D3)
	HIGH(A4, D4)
	TWICE(D4)
	NEXT
	LOW(A4, D4)
	REDUCE

	MOVQ $LAST, CX

block4:
	CLEAR
	HIGH(A4, D4)
	NEXT
	LOW(A4, D4)
	REDUCE
	DECQ CX
	JNZ  block4

	// The last row has no row after it.
	CLEAR
	HIGH(A4, D4)
	REDUCELAST

settle:
	CARRY
	JNZ settle

	STORE
	RET
