//go:build !amd64

package modexp

import "math/big"

const ifmaBits = 0

func hasIFMA() bool { return false }

func hasADX() bool { return false }

func newIFMA(n *big.Int) multiplier { return newPortable(n) }

func newADX(n *big.Int) multiplier { return newPortable(n) }
