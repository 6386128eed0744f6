package modexp

import (
	"math/big"

	"golang.org/x/sys/cpu"
)

// ifma multiplies with digits of 52 bits, as many at a time as a vector has
// lanes. R is 2^1040, 2^2080 or 2^4160, which is at least 2^16 times n: residues
// are less than 3n, and so are products of residues without any subtraction. They
// are less than x·y/R + 2n, and 3n·3n/R < n when 9n < R.
type ifma struct {
	n residue // 20, 40 or 80 digits
	k uint64  // -1/n modulo 2^52
	h residue // (n·k + 1)/2^52, which is at most n
}

const (
	ifmaBits      = 4096
	ifmaDigitBits = 52
)

// hasIFMA includes that the operating system saves the vector registers.
func hasIFMA() bool {
	return cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512IFMA
}

func newIFMA(n *big.Int) multiplier {
	count := 20
	for n.BitLen() > count/20*1024 {
		count *= 2
	}
	words := toWords(n)
	k := negInverse(words[0]) & (1<<ifmaDigitBits - 1)
	h := new(big.Int).SetUint64(k)
	h.Mul(h, n).Add(h, big.NewInt(1)).Rsh(h, ifmaDigitBits)
	return &ifma{n: ifmaSplit(words, count), k: k, h: ifmaSplit(toWords(h), count)}
}

// ifmaSplit returns a number in digits.
func ifmaSplit(words []uint64, count int) residue {
	out := make(residue, count)
	for i := range out {
		out[i] = window(words, i*ifmaDigitBits, ifmaDigitBits)
	}
	return out
}

func (f *ifma) digits() (count, bits int) { return len(f.n), ifmaDigitBits }

func (f *ifma) mul(z, x, y residue) {
	switch len(f.n) {
	case 20:
		ifmaMul20((*[20]uint64)(z), (*[20]uint64)(x), (*[20]uint64)(y), (*[20]uint64)(f.n), (*[20]uint64)(f.h), f.k)
	case 40:
		ifmaMul40((*[40]uint64)(z), (*[40]uint64)(x), (*[40]uint64)(y), (*[40]uint64)(f.n), (*[40]uint64)(f.h), f.k)
	default:
		ifmaMul80((*[80]uint64)(z), (*[80]uint64)(x), (*[80]uint64)(y), (*[80]uint64)(f.n), f.k)
	}
}

func (f *ifma) sqr(z, x residue) {
	switch len(f.n) {
	case 20:
		ifmaSqr20((*[20]uint64)(z), (*[20]uint64)(x), (*[20]uint64)(f.n), (*[20]uint64)(f.h), f.k)
	case 40:
		ifmaSqr40((*[40]uint64)(z), (*[40]uint64)(x), (*[40]uint64)(f.n), (*[40]uint64)(f.h), f.k)
	default:
		f.mul(z, x, x)
	}
}

//go:noescape
func ifmaMul20(z, x, y, n, h *[20]uint64, k uint64)

//go:noescape
func ifmaSqr20(z, x, n, h *[20]uint64, k uint64)

//go:noescape
func ifmaMul40(z, x, y, n, h *[40]uint64, k uint64)

//go:noescape
func ifmaSqr40(z, x, n, h *[40]uint64, k uint64)

//go:noescape
func ifmaMul80(z, x, y, n *[80]uint64, k uint64)
