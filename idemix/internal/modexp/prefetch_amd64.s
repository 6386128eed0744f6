#include "textflag.h"

// func prefetchLine(x *uint64)
TEXT ·prefetchLine(SB), NOSPLIT, $0-8
	MOVQ       x+0(FP), AX
	PREFETCHT0 (AX)
	RET
