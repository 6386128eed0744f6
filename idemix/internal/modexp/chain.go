package modexp

import (
	"math/big"
	"math/bits"
)

// chain says what to multiply the accumulator by, and after which squaring. It
// holds numbers only, but for the bases, so that the garbage collector has next to
// nothing to look at; and a Modulus uses it again.
type chain struct {
	heads   []int32 // by the power of two: the last factor there, plus 1
	factors []factor
	steps   []step
	bases   [][]uint64 // the odd powers of each, one residue after the other
	words   []uint64   // of the exponent that is being added
	powers  []uint64   // room for the odd powers of a base without table
}

type factor struct {
	base int32
	odd  int32 // which of the odd powers
	next int32 // another factor at the same place, plus 1
}

// step is to square some times, and to multiply then.
type step struct {
	squarings int32
	base, odd int32 // as in a factor
}

// newChain returns an empty chain.
func (m *Modulus) newChain() *chain {
	if c, ok := m.chains.Get().(*chain); ok {
		return c
	}
	return new(chain)
}

// release takes back a chain that is not needed any more.
func (m *Modulus) release(c *chain) {
	clear(c.bases) // tables may have been dropped
	c.heads, c.factors, c.bases, c.powers = c.heads[:0], c.factors[:0], c.bases[:0], c.powers[:0]
	m.chains.Put(c)
}

func (c *chain) add(position, base, odd int) {
	for len(c.heads) <= position {
		c.heads = append(c.heads, 0)
	}
	c.factors = append(c.factors, factor{base: int32(base), odd: int32(odd), next: c.heads[position]})
	c.heads[position] = int32(len(c.factors))
}

func (c *chain) addFixed(t *Table, exponent *big.Int) {
	c.words = appendWords(c.words[:0], exponent)
	base := len(c.bases)
	c.bases = append(c.bases, t.powers)
	for i := range pieces(t.bits, t.span) {
		recode(c.words, i*t.span, t.span, fixedWidth, func(position int, odd uint64) {
			c.add(position, base, i*oddPowers+int(odd/2))
		})
	}
}

func (c *chain) addVariable(m *Modulus, base, exponent *big.Int) {
	length := exponent.BitLen()
	width := bestWidth(length)
	count := 1 << (width - 1)
	powers := c.room(count * m.count)
	m.fillOdd(m.residue(base), powers)
	c.words = appendWords(c.words[:0], exponent)
	number := len(c.bases)
	c.bases = append(c.bases, powers)
	recode(c.words, 0, length, width, func(position int, odd uint64) {
		c.add(position, number, int(odd/2))
	})
}

// room returns room for the odd powers of a base, which stays in use until the
// chain is released.
func (c *chain) room(size int) []uint64 {
	begin := len(c.powers)
	if cap(c.powers)-begin < size {
		c.powers, begin = make([]uint64, 0, size), 0 // what was there before stays where it is
	}
	c.powers = c.powers[:begin+size]
	return c.powers[begin:]
}

// order sets the steps, and returns how many squarings come after them.
func (c *chain) order() (last int) {
	c.steps = c.steps[:0]
	reached := len(c.heads)
	for position := len(c.heads) - 1; position >= 0; position-- {
		for at := c.heads[position]; at > 0; {
			f := &c.factors[at-1]
			c.steps = append(c.steps, step{squarings: int32(reached - position), base: f.base, odd: f.odd})
			reached, at = position, f.next
		}
	}
	return reached
}

// recode finds the odd digits that represent the bits of a number from one on:
// the sum of digit·2^position is the number that these bits are. Digits are
// less than 2^width.
func recode(words []uint64, from, length, width int, digit func(position int, odd uint64)) {
	length = min(length, 64*len(words)-from)
	for i := 0; i < length; {
		size := min(64, length-i)
		ahead := window(words, from+i, size)
		end := i + size
		for ahead != 0 {
			zeros := bits.TrailingZeros64(ahead)
			i += zeros
			if i+width > end && end < length {
				end = i // look at the whole digit
				break
			}
			digit(i, ahead>>zeros&(1<<width-1))
			ahead = ahead >> zeros >> width
			i += width
		}
		i = max(i, end)
	}
}
