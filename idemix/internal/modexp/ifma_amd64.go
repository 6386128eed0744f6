package modexp

import (
	"math/big"

	"golang.org/x/sys/cpu"
)

// ifma multiplies with digits of 52 bits, as many at a time as a vector has
// lanes. R is 2^1040 or 2^2080, which is more than 2^16 times n: residues are
// less than 2n, and so are products of residues without any subtraction,
// because (2n·2n + (R-1)·n)/R < 2n when 4n < R.
type ifma struct {
	n    residue
	k    uint64 // -1/n modulo 2^52
	wide bool   // 40 digits rather than 20
}

const (
	ifmaBits      = 2048
	ifmaDigitBits = 52
)

// hasIFMA includes that the operating system saves the vector registers.
func hasIFMA() bool {
	return cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512IFMA
}

func newIFMA(n *big.Int) multiplier {
	f := &ifma{wide: n.BitLen() > 1024}
	words := toWords(n)
	f.k = negInverse(words[0]) & (1<<ifmaDigitBits - 1)
	count, _ := f.digits()
	f.n = make(residue, count)
	for i := range f.n {
		f.n[i] = window(words, i*ifmaDigitBits, ifmaDigitBits)
	}
	return f
}

func (f *ifma) digits() (count, bits int) {
	if f.wide {
		return 40, ifmaDigitBits
	}
	return 20, ifmaDigitBits
}

func (f *ifma) mul(z, x, y residue) {
	if f.wide {
		ifmaMul40((*[40]uint64)(z), (*[40]uint64)(x), (*[40]uint64)(y), (*[40]uint64)(f.n), f.k)
		return
	}
	ifmaMul20((*[20]uint64)(z), (*[20]uint64)(x), (*[20]uint64)(y), (*[20]uint64)(f.n), f.k)
}

func (f *ifma) sqr(z, x residue) {
	if f.wide {
		ifmaSqr40((*[40]uint64)(z), (*[40]uint64)(x), (*[40]uint64)(f.n), f.k)
		return
	}
	ifmaSqr20((*[20]uint64)(z), (*[20]uint64)(x), (*[20]uint64)(f.n), f.k)
}

//go:noescape
func ifmaMul20(z, x, y, n *[20]uint64, k uint64)

//go:noescape
func ifmaSqr20(z, x, n *[20]uint64, k uint64)

//go:noescape
func ifmaMul40(z, x, y, n *[40]uint64, k uint64)

//go:noescape
func ifmaSqr40(z, x, n *[40]uint64, k uint64)
