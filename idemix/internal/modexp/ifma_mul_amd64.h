// The body of a multiplication, after the arguments were loaded into registers
// and KINV was set.

	LOAD

	// The lower halves of the first row; no row before it did this.
	LOW(A0, C0)
	LOW(A1, C1)
	LOW(A2, C2)
	LOW(A3, C3)
	LOW(A4, C4)

	// All rows but the last one.
	MOVQ $(5*(LAST+1)-1), CX

row:
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
	REDUCE
	DECQ CX
	JNZ  row

	// The last row has no row after it.
	CLEAR
	HIGH(A0, D0)
	HIGH(A1, D1)
	HIGH(A2, D2)
	HIGH(A3, D3)
	HIGH(A4, D4)
	REDUCELAST

	// A lane carries less than 2^8 into the next one, so after the first round
	// digits are below 2^52 + 2^8. One of them is still too long if it was within
	// 2^8 of 2^52: hardly ever for numbers that nobody can choose, so the number
	// of rounds tells nothing about secret ones. A long run of digits that are all
	// ones takes a round for each.
settle:
	CARRY
	JNZ settle

	STORE
	RET
