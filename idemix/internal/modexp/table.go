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
	count      int      // digits of a residue
	powers     []uint64 // the odd powers of each piece's base, in order
}

// NewTable makes a table of base for exponents of so many bits, cut into pieces
// of span bits.
func (m *Modulus) NewTable(base *big.Int, bits, span int) *Table {
	pieces := pieces(bits, span)
	t := &Table{bits: bits, span: span, count: m.count, powers: make([]uint64, pieces*oddPowers*m.count)}
	b := m.residue(base)
	for i := range pieces {
		if i > 0 {
			for range span {
				m.sqr(b, b)
			}
		}
		m.fillOdd(b, func(digit uint64) residue { return t.power(i, digit) }, oddPowers)
	}
	return t
}

// TableSize returns how many bytes a table takes.
func (m *Modulus) TableSize(bits, span int) int64 {
	return int64(pieces(bits, span)) * oddPowers * int64(m.count) * 8
}

func pieces(bits, span int) int { return (bits + span - 1) / span }

// power returns an odd power of the base of a piece.
func (t *Table) power(piece int, odd uint64) residue {
	at := (piece*oddPowers + int(odd/2)) * t.count
	return t.powers[at : at+t.count : at+t.count]
}

// fillOdd sets the places of the first count odd powers of b.
func (m *Modulus) fillOdd(b residue, place func(odd uint64) residue, count int) {
	square := make(residue, m.count)
	m.sqr(square, b)
	last := place(1)
	copy(last, b)
	for i := 1; i < count; i++ {
		next := place(uint64(2*i + 1))
		m.mul(next, last, square)
		last = next
	}
}
