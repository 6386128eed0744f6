package modexp

import (
	"errors"
	"math/big"
)

// Power is a factor of a product: Base to the power Exponent.
type Power struct {
	Base     *big.Int
	Exponent *big.Int
	Table    *Table // of Base, by the same Modulus; nil if there is none
}

var errNegative = errors.New("negative exponent")

// Product returns the product of the powers, less than n. Exponents are not
// negative.
//
// All powers share one chain of squarings. The exponents are written as sums of
// odd digits times powers of two (sliding windows). Going down from the highest
// power of two, the accumulator is squared at each and multiplied by the base to
// the power of each digit that belongs there.
func (m *Modulus) Product(powers ...Power) (*big.Int, error) {
	c := m.newChain()
	defer m.release(c)
	for _, p := range powers {
		if p.Exponent.Sign() < 0 {
			return nil, errNegative
		}
		if p.Table != nil && p.Exponent.BitLen() <= p.Table.bits {
			c.addFixed(p.Table, p.Exponent)
		} else {
			c.addVariable(m, p.Base, p.Exponent)
		}
	}
	return m.run(c), nil
}

// bestWidth returns the width of windows that takes the fewest multiplications
// for an exponent of so many bits, those for the table of odd powers included.
func bestWidth(length int) int {
	width := 1
	for width < 8 && 1<<width+length/(width+2) < 1<<(width-1)+length/(width+1) {
		width++
	}
	return width
}

// run does the multiplications. A chain without factors gives 1.
func (m *Modulus) run(c *chain) *big.Int {
	last := c.order()
	if len(c.steps) == 0 {
		return big.NewInt(1)
	}
	value := func(s step) residue { return c.bases[s.base][int(s.odd)*m.count:][:m.count] }
	accumulator := make(residue, m.count)
	next := value(c.steps[0])
	for i := range c.steps {
		factor := next
		if i+1 < len(c.steps) {
			next = value(c.steps[i+1])
			prefetch(next)
		}
		if i == 0 { // the squarings before this are of 1
			copy(accumulator, factor)
			continue
		}
		m.square(accumulator, int(c.steps[i].squarings))
		m.mul(accumulator, accumulator, factor)
	}
	m.square(accumulator, last)
	return m.number(accumulator)
}

func (m *Modulus) square(x residue, times int) {
	for range times {
		m.sqr(x, x)
	}
}
