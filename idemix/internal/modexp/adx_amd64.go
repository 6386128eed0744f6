package modexp

import (
	"math/big"

	"golang.org/x/sys/cpu"
)

// adx multiplies row by row: row i adds x·y[i] and the multiple of n that makes
// word i zero. The number of words is rounded up to a multiple of 16, the length
// of the loop in assembly. Otherwise it is as portable.
type adx struct {
	portable // n, its inverse, and what happens after the multiplication
}

const adxBlock = 16

func hasADX() bool { return cpu.X86.HasADX && cpu.X86.HasBMI2 }

func newADX(n *big.Int) multiplier {
	return &adx{*newWords(n, adxBlock)}
}

func (a *adx) mul(z, x, y residue) {
	var t [2 * maxWords]uint64
	size := len(a.n)
	x, y = x[:size], y[:size]
	carry := adxMul(&t[0], &x[0], &y[0], &a.n[0], a.k, size/adxBlock)
	a.settle(z, t[size:2*size], carry)
}

func (a *adx) sqr(z, x residue) { a.mul(z, x, x) }

//go:noescape
func adxMul(t, x, y, n *uint64, k uint64, blocks int) (carry uint64)
