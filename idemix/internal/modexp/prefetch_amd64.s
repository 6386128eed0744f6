#include "textflag.h"

// func prefetchLines(x *uint64, lines int)
TEXT ·prefetchLines(SB), NOSPLIT, $0-16
	MOVQ x+0(FP), AX
	MOVQ lines+8(FP), CX

line:
	PREFETCHT0 (AX)
	ADDQ       $64, AX
	DECQ       CX
	JNZ        line
	RET
