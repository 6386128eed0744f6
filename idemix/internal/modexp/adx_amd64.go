package modexp

import "math/big"

func hasADX() bool { return false }

func newADX(n *big.Int) multiplier { return newPortable(n) }
