package modexp

import "math/big"

// fixedWidth is the width of the windows over the exponents of fixed bases. A
// table has the odd powers of so many bits: an exponent takes one multiplication
// per fixedWidth+1 bits on average.
const fixedWidth = 8

const oddPowers = 1 << (fixedWidth - 1)

// Table holds powers of a fixed base, for exponents up to a length. It does not
// change once it was made.
//
// An exponent is cut into pieces of span bits, and each piece is an exponent of
// its own base, B^(2^(span·i)). So a product takes no more squarings than span,
// however long the exponent.
type Table struct {
	bits, span int
	powers     []uint64 // the odd powers of each piece's base, in order
}

// NewTable makes a table of base for exponents of so many bits, cut into pieces
// of span bits.
func (m *Modulus) NewTable(base *big.Int, bits, span int) *Table {
	pieces := pieces(bits, span)
	t := &Table{bits: bits, span: span, powers: make([]uint64, pieces*oddPowers*m.count)}
	b := m.residue(base)
	for i := range pieces {
		if i > 0 {
			for range span {
				m.sqr(b, b)
			}
		}
		size := oddPowers * m.count
		m.fillOdd(b, t.powers[i*size:][:size])
	}
	return t
}

// TableSize returns how many bytes a table takes.
func (m *Modulus) TableSize(bits, span int) int64 {
	return int64(pieces(bits, span)) * oddPowers * int64(m.count) * 8
}

func pieces(bits, span int) int { return (bits + span - 1) / span }

// fillOdd sets the first odd powers of b, one after the other, as many as there is
// room for.
func (m *Modulus) fillOdd(b residue, powers []uint64) {
	square := make(residue, m.count)
	m.sqr(square, b)
	last := residue(powers[:m.count])
	copy(last, b)
	for at := m.count; at < len(powers); at += m.count {
		next := residue(powers[at : at+m.count])
		m.mul(next, last, square)
		last = next
	}
}
