package modexp

import (
	"math/big"
	"math/bits"
)

const (
	wordBits = 64
	maxWords = MaxBits / wordBits
)

// portable multiplies first and reduces then. Both go by two rows at a time:
// two words times a number, added to a sum. That halves the number of times the
// sum is loaded and stored, and still leaves enough registers.
//
// R is 2^64 to the number of words, which is even. Residues are less than R.
type portable struct {
	n []uint64
	k uint64 // -1/n modulo 2^64
}

func newPortable(n *big.Int) multiplier { return newWords(n, 2) }

// newWords rounds the number of words up to a multiple.
func newWords(n *big.Int, multiple int) *portable {
	words := toWords(n)
	padded := make([]uint64, (len(words)+multiple-1)/multiple*multiple)
	copy(padded, words)
	return &portable{n: padded, k: negInverse(words[0])}
}

func (p *portable) digits() (count, bits int) { return len(p.n), wordBits }

func (p *portable) mul(z, x, y residue) {
	var t [2 * maxWords]uint64
	size := len(p.n)
	x, y = x[:size], y[:size]
	for i := 0; i < size; i += 2 {
		// No row reached these two words yet.
		t[i+size], t[i+size+1] = twoRows(t[i:i+size], x, y[i], y[i+1])
	}
	p.reduce(z, t[:2*size])
}

// sqr computes products of different words once and doubles their sum. The rows
// have all of them but the products within a pair of words, which come in when
// the sum is doubled and the squares of the words are added.
func (p *portable) sqr(z, x residue) {
	var t [2 * maxWords]uint64
	size := len(p.n)
	x = x[:size]
	for i := 0; i < size; i += 2 {
		// No row reached these two words yet.
		t[i+size], t[i+size+1] = twoRows(t[2*i+2:i+size], x[i+2:], x[i], x[i+1])
	}
	var within, shifted, carry uint64
	for i := 0; i < size; i += 2 {
		four := t[2*i : 2*i+4 : 2*i+4]
		high, low := bits.Mul64(x[i], x[i+1])
		a, c := bits.Add64(four[0], 0, within)
		b, c := bits.Add64(four[1], low, c)
		d, c := bits.Add64(four[2], high, c)
		e, c := bits.Add64(four[3], 0, c)
		within = c
		high, low = bits.Mul64(x[i], x[i])
		four[0], carry = bits.Add64(a<<1|shifted, low, carry)
		four[1], carry = bits.Add64(b<<1|a>>63, high, carry)
		high, low = bits.Mul64(x[i+1], x[i+1])
		four[2], carry = bits.Add64(d<<1|b>>63, low, carry)
		four[3], carry = bits.Add64(e<<1|d>>63, high, carry)
		shifted = e >> 63
	}
	p.reduce(z, t[:2*size])
}

// reduce stores t/R. It adds the multiple of n that makes the lower half of t
// zero, two words at a time.
func (p *portable) reduce(z residue, t []uint64) {
	n := p.n
	size := len(n)
	var top uint64 // what the rows so far carried beyond t[i+size-1]
	for i := 0; i < size; i += 2 {
		first := t[i] * p.k
		second := secondQuotient(t[i], t[i+1], first, n) * p.k
		low, high := twoRows(t[i:i+size], n, first, second)
		var carry uint64
		t[i+size], carry = bits.Add64(t[i+size], low, top)
		t[i+size+1], top = bits.Add64(t[i+size+1], high, carry)
	}
	p.settle(z, t[size:], top)
}

// secondQuotient returns the word t1 after the row of the first quotient was
// added, which is what the second quotient has to cancel.
func secondQuotient(t0, t1, first uint64, n []uint64) uint64 {
	high, low := bits.Mul64(first, n[0])
	_, carry := bits.Add64(t0, low, 0)
	return t1 + high + carry + first*n[1]
}

// settle stores x, or x - n if there was a carry out of x. The value is less
// than R + n by the bounds of Montgomery reduction, so the result is less than R
// in both cases. It takes the same time in both: whether there is a carry would
// tell about secret exponents.
func (p *portable) settle(z residue, x []uint64, carry uint64) {
	n := p.n[:len(x)]
	z = z[:len(x)]
	mask := -carry
	var borrow uint64
	for i := range x {
		z[i], borrow = bits.Sub64(x[i], n[i]&mask, borrow)
	}
}

// twoRows adds x·(y0 + y1·2^64) to z, which is as long as x, and returns the two
// words that belong after it.
func twoRows(z, x []uint64, y0, y1 uint64) (c, d uint64) {
	z = z[:len(x)]
	for i, word := range x {
		// z[i] + word·y0 + c fits in two words, and so does word·y1 + the
		// upper one of these + d.
		high, low := bits.Mul64(word, y0)
		low, carry := bits.Add64(low, z[i], 0)
		high, _ = bits.Add64(high, 0, carry)
		z[i], carry = bits.Add64(low, c, 0)
		upper, lower := bits.Mul64(word, y1)
		high, carry = bits.Add64(high, d, carry)
		upper, _ = bits.Add64(upper, 0, carry)
		c, carry = bits.Add64(lower, high, 0)
		d, _ = bits.Add64(upper, 0, carry)
	}
	return c, d
}
