package modexp

import (
	"fmt"
	"math/big"
	"sync"
)

// A residue is a number modulo n in the digits of one arithmetic, multiplied by
// the arithmetic's R (Montgomery form). Several residues may stand for one
// number: they are not always reduced fully.
type residue []uint64

// multiplier is Montgomery arithmetic modulo one n. Results may overlap
// arguments. It keeps no state between calls and is safe for concurrent use.
type multiplier interface {
	mul(z, x, y residue) // z = x·y/R
	sqr(z, x residue)    // z = x²/R
	digits() (count, bits int)
}

// Modulus is an odd number to compute modulo of. It is safe for concurrent use.
type Modulus struct {
	n     *big.Int
	r2    residue // R², which is R in Montgomery form
	kind  Arithmetic
	count int // digits of a residue
	bits  int // bits of a digit
	multiplier

	chains sync.Pool // of *chain, for Product
}

// New returns n as a modulus. It must be odd and greater than 1. An arithmetic
// that is not available for its length is replaced by the next best.
func New(n *big.Int, a Arithmetic) (*Modulus, error) {
	if n.Cmp(big.NewInt(1)) <= 0 || n.Bit(0) == 0 {
		return nil, fmt.Errorf("the modulus is not an odd number greater than 1")
	}
	kind, err := a.resolve(n.BitLen())
	if err != nil {
		return nil, err
	}
	m := &Modulus{n: new(big.Int).Set(n), kind: kind}
	m.multiplier = newMultiplier(m.n, kind)
	m.count, m.bits = m.digits()
	r2 := new(big.Int).Lsh(big.NewInt(1), uint(2*m.count*m.bits))
	m.r2 = m.split(r2.Mod(r2, n))
	return m, nil
}

func newMultiplier(n *big.Int, kind Arithmetic) multiplier {
	switch kind {
	case IFMA:
		return newIFMA(n)
	case ADX:
		return newADX(n)
	case ARM64:
		return newARM64(n)
	}
	return newPortable(n)
}

// Arithmetic returns the one in use, which is never Best.
func (m *Modulus) Arithmetic() Arithmetic { return m.kind }

// residue returns x in Montgomery form.
func (m *Modulus) residue(x *big.Int) residue {
	if x.Sign() < 0 || x.Cmp(m.n) >= 0 {
		x = new(big.Int).Mod(x, m.n)
	}
	z := m.split(x)
	m.mul(z, z, m.r2)
	return z
}

// number is the inverse of residue. Its result is less than n.
func (m *Modulus) number(x residue) *big.Int {
	z := make(residue, m.count)
	z[0] = 1
	m.mul(z, z, x)
	// The product with 1 is less than 2n. It is (x + s·n)/R: s is less than R, as x
	// is, or with IFMA s is less than 2R-3 and x less than 3n.
	out := m.join(z)
	if out.Cmp(m.n) >= 0 {
		out.Sub(out, m.n)
	}
	return out
}

// split returns the digits of x, least significant first. x has no more than a
// residue has.
func (m *Modulus) split(x *big.Int) residue {
	words := toWords(x)
	out := make(residue, m.count)
	for i := range out {
		out[i] = window(words, i*m.bits, m.bits)
	}
	return out
}

// join is the inverse of split.
func (m *Modulus) join(digits residue) *big.Int {
	words := make([]uint64, (m.count*m.bits+63)/64)
	for i, digit := range digits {
		at, shift := i*m.bits/64, uint(i*m.bits%64)
		words[at] |= digit << shift
		if shift > 0 && at+1 < len(words) {
			words[at+1] |= digit >> (64 - shift)
		}
	}
	return fromWords(words)
}
