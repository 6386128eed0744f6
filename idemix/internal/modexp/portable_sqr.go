package modexp

import "math/bits"

// sqr is mul with half of the products of x: x[i]·x[j] and x[j]·x[i] are equal,
// so their sum is doubled.
func (p *portable) sqr(z, x residue) {
	var flippedArray, quotientArray, outArray [maxWords]uint64
	size := len(p.n)
	x = x[:size]
	flipped := flip(flippedArray[:size], x)
	q, out := quotientArray[:size], outArray[:size]
	var s sum
	for k := range size {
		s = dot(s, q[:k], p.flipped[size-1-k:])
		s = square(s, x, flipped, k)
		q[k] = s.a * p.k
		s.add(q[k], p.n[0]) // the lowest word becomes zero
		s.next()
	}
	for k := range size {
		s = dot(s, q[k+1:], p.flipped)
		s = square(s, x, flipped, size+k)
		out[k] = s.next()
	}
	p.settle(z, out, s.a)
}

// square adds column k of x².
func square(s sum, x, flipped []uint64, k int) sum {
	size := len(x)
	first := max(0, k-size+1) // the least i for which x[k-i] exists
	half := (k + 1) / 2       // i < k-i for all i below
	if first < half {
		twice := dot(sum{}, x[first:half], flipped[size-1-k+first:])
		var carry uint64
		s.a, carry = bits.Add64(s.a, twice.a<<1, 0)
		s.b, carry = bits.Add64(s.b, twice.b<<1|twice.a>>63, carry)
		s.c, _ = bits.Add64(s.c, twice.c<<1|twice.b>>63, carry)
	}
	if k%2 == 0 && k/2 < size {
		s.add(x[k/2], x[k/2])
	}
	return s
}

// dot adds the sum of all x[i]·y[i]. y is at least as long as x.
func dot(s sum, x, y []uint64) sum {
	a, b, c := s.a, s.b, s.c
	y = y[:len(x)]
	var high, low, carry uint64
	for len(x) >= 4 && len(y) >= 4 {
		high, low = bits.Mul64(x[0], y[0])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[1], y[1])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[2], y[2])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		high, low = bits.Mul64(x[3], y[3])
		a, carry = bits.Add64(a, low, 0)
		b, carry = bits.Add64(b, high, carry)
		c, _ = bits.Add64(c, 0, carry)
		x, y = x[4:], y[4:]
	}
	s = sum{a, b, c}
	for i := range x {
		s.add(x[i], y[i])
	}
	return s
}
