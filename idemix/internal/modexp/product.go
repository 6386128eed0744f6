package modexp

import (
	"errors"
	"math/big"
	"math/bits"
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
	c := newChain()
	for _, p := range powers {
		if p.Exponent.Sign() < 0 {
			return nil, errNegative
		}
		if p.Table != nil && p.Exponent.BitLen() <= p.Table.bits {
			c.addFixed(p.Table, toWords(p.Exponent))
		} else {
			c.addVariable(m, p.Base, p.Exponent)
		}
	}
	return m.run(c), nil
}

// chain says what to multiply the accumulator by, and after which squaring.
type chain struct {
	heads   []int32 // by the power of two: the last factor there, plus 1
	factors []factor
}

type factor struct {
	value residue
	next  int32 // another factor at the same place, plus 1
}

// newChain makes a chain with room for what a proof usually takes.
func newChain() *chain {
	return &chain{heads: make([]int32, 0, 1024), factors: make([]factor, 0, 1024)}
}

func (c *chain) add(position int, value residue) {
	for len(c.heads) <= position {
		c.heads = append(c.heads, 0)
	}
	c.factors = append(c.factors, factor{value: value, next: c.heads[position]})
	c.heads[position] = int32(len(c.factors))
}

func (c *chain) addFixed(t *Table, exponent []uint64) {
	for i := range pieces(t.bits, t.span) {
		recode(exponent, i*t.span, t.span, fixedWidth, func(position int, odd uint64) {
			c.add(position, t.power(i, odd))
		})
	}
}

func (c *chain) addVariable(m *Modulus, base, exponent *big.Int) {
	length := exponent.BitLen()
	width := bestWidth(length)
	count := 1 << (width - 1)
	powers := make([]uint64, count*m.count)
	place := func(odd uint64) residue { return powers[int(odd/2)*m.count:][:m.count] }
	m.fillOdd(m.residue(base), place, count)
	recode(toWords(exponent), 0, length, width, func(position int, odd uint64) {
		c.add(position, place(odd))
	})
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

// recode finds the odd digits that represent the bits of a number from one on:
// the sum of digit·2^position is the number that these bits are. Digits are
// less than 2^width.
func recode(words []uint64, from, length, width int, digit func(position int, odd uint64)) {
	length = min(length, 64*len(words)-from)
	for i := 0; i < length; {
		ahead := window(words, from+i, min(64, length-i))
		if ahead == 0 {
			i += 64
			continue
		}
		i += bits.TrailingZeros64(ahead)
		digit(i, window(words, from+i, min(width, length-i)))
		i += width
	}
}

// run does the multiplications. A chain without factors gives 1.
func (m *Modulus) run(c *chain) *big.Int {
	accumulator := make(residue, m.count)
	started := false
	for position := len(c.heads) - 1; position >= 0; position-- {
		if started {
			m.sqr(accumulator, accumulator)
		}
		for at := c.heads[position]; at > 0; at = c.factors[at-1].next {
			if value := c.factors[at-1].value; started {
				m.mul(accumulator, accumulator, value)
			} else {
				copy(accumulator, value)
				started = true
			}
		}
	}
	if !started {
		return big.NewInt(1)
	}
	return m.number(accumulator)
}
