package modexp

import (
	"math/big"

	"golang.org/x/sys/cpu"
)

// adx multiplies or squares first and reduces then, eight words of one factor by
// all words of the other at a time. The number of words is rounded up to a multiple
// of eight. Otherwise it is as portable. Nothing depends on the values of words: no
// branch and no address.
type adx struct {
	portable // n and its inverse
}

// adxBlock is how many words the assembly keeps in registers.
const adxBlock = 8

func hasADX() bool { return cpu.X86.HasADX && cpu.X86.HasBMI2 }

func newADX(n *big.Int) multiplier {
	return &adx{*newWords(n, adxBlock)}
}

func (a *adx) mul(z, x, y residue) {
	var t [2 * maxWords]uint64
	blocks := len(a.n) / adxBlock
	z, x, y = z[:len(a.n)], x[:len(a.n)], y[:len(a.n)]
	adxProduct(&t[0], &x[0], &y[0], blocks)
	adxReduce(&z[0], &t[0], &a.n[0], a.k, blocks)
}

func (a *adx) sqr(z, x residue) {
	var t [2 * maxWords]uint64
	blocks := len(a.n) / adxBlock
	z, x = z[:len(a.n)], x[:len(a.n)]
	adxSquare(&t[0], &x[0], blocks)
	adxReduce(&z[0], &t[0], &a.n[0], a.k, blocks)
}

//go:noescape
func adxProduct(t, x, y *uint64, blocks int)

//go:noescape
func adxSquare(t, x *uint64, blocks int)

//go:noescape
func adxReduce(z, t, n *uint64, k uint64, blocks int)
