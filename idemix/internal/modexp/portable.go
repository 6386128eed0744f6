package modexp

import (
	"math/big"
	"math/bits"
)

const (
	wordBits = 64
	maxWords = MaxBits / wordBits
)

// portable multiplies column by column: column k of a product is the sum of all
// x[i]·y[k-i]. A sum is kept in three words that stay in registers, and every
// word of the result is written once. The multiples of n that make the lower
// half zero are found column by column as well and added in the same sums
// (Montgomery reduction by product scanning).
//
// R is 2^64 to the number of words of n. Residues are less than R.
type portable struct {
	n       []uint64
	flipped []uint64 // n with its words in opposite order
	k       uint64   // -1/n modulo 2^64
}

func newPortable(n *big.Int) multiplier {
	words := toWords(n)
	return &portable{n: words, flipped: flip(make([]uint64, len(words)), words), k: negInverse(words[0])}
}

func (p *portable) digits() (count, bits int) { return len(p.n), wordBits }

// flip stores the words of x in opposite order, so that the factors of a column
// are in ascending order on both sides.
func flip(z, x []uint64) []uint64 {
	for i, word := range x {
		z[len(x)-1-i] = word
	}
	return z
}

// sum is a number of three words, least significant first. The columns of
// at most 64 rows of two products stay far below 2^192.
type sum struct{ a, b, c uint64 }

// add adds the product x·y.
func (s *sum) add(x, y uint64) {
	high, low := bits.Mul64(x, y)
	var carry uint64
	s.a, carry = bits.Add64(s.a, low, 0)
	s.b, carry = bits.Add64(s.b, high, carry)
	s.c, _ = bits.Add64(s.c, 0, carry)
}

// next returns the lowest word and moves on to the next column.
func (s *sum) next() uint64 {
	word := s.a
	s.a, s.b, s.c = s.b, s.c, 0
	return word
}

func (p *portable) mul(z, x, y residue) {
	var flippedArray, quotientArray, outArray [maxWords]uint64
	size := len(p.n)
	x = x[:size]
	flipped := flip(flippedArray[:size], y[:size])
	q, out := quotientArray[:size], outArray[:size]
	var s sum
	for k := range size {
		s = dotTwo(s, x[:k], flipped[size-1-k:], q[:k], p.flipped[size-1-k:])
		s.add(x[k], flipped[size-1])
		q[k] = s.a * p.k
		s.add(q[k], p.n[0]) // the lowest word becomes zero
		s.next()
	}
	for k := range size {
		s = dotTwo(s, x[k+1:], flipped, q[k+1:], p.flipped)
		out[k] = s.next()
	}
	p.settle(z, out, s.a)
}

// settle stores x, or x - n if there was a carry out of x's words. Then x,
// which is less than R + n by the bounds of Montgomery reduction, ends up below
// R in both cases.
func (p *portable) settle(z residue, x []uint64, carry uint64) {
	z = z[:len(x)]
	if carry == 0 {
		copy(z, x)
		return
	}
	n := p.n[:len(x)]
	var borrow uint64
	for i := range x {
		z[i], borrow = bits.Sub64(x[i], n[i], borrow)
	}
}

// dotTwo adds the sum of all x[i]·y[i] and v[i]·w[i]. x and v have the same
// length, y and w at least that.
func dotTwo(s sum, x, y, v, w []uint64) sum {
	a, b, c := s.a, s.b, s.c
	y, v, w = y[:len(x)], v[:len(x)], w[:len(x)]
	var high, low, carry uint64
	for len(x) >= 4 && len(y) >= 4 && len(v) >= 4 && len(w) >= 4 {
		high, low = bits.Mul64(x[0], y[0])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(v[0], w[0])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[1], y[1])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(v[1], w[1])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[2], y[2])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(v[2], w[2])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[3], y[3])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(v[3], w[3])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		x, y, v, w = x[4:], y[4:], v[4:], w[4:]
	}
	s = sum{a, b, c}
	for i := range x {
		s.add(x[i], y[i])
		s.add(v[i], w[i])
	}
	return s
}
