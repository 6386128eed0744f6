//go:build !arm64

package modexp

import "math/big"

const hasARM64 = false

func newARM64(n *big.Int) multiplier { return newPortable(n) }
