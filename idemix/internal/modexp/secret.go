package modexp

import (
	"crypto/subtle"
	"math/big"
)

// secretWidth is the width of the windows over secret exponents.
const secretWidth = 4

// ExpSecret returns base to the power exponent without showing the exponent in
// the time it takes or in the memory it reads: the operations are the same for
// all exponents of at most so many bits, and every power in the table is read
// for every window. Only reducing the base and the final conversion go by
// math/big.
func (m *Modulus) ExpSecret(base, exponent *big.Int, bits int) *big.Int {
	words := secretWords(exponent, bits)
	table := m.allPowers(base)
	accumulator, chosen := make(residue, m.count), make(residue, m.count)
	copy(accumulator, table[0])
	for at := (bits+secretWidth-1)/secretWidth*secretWidth - secretWidth; at >= 0; at -= secretWidth {
		for range secretWidth {
			m.sqr(accumulator, accumulator)
		}
		choose(chosen, table, window(words, at, secretWidth))
		m.mul(accumulator, accumulator, chosen)
	}
	return m.number(accumulator)
}

// secretWords is toWords with a number of words that does not depend on x.
func secretWords(x *big.Int, bits int) []uint64 {
	bytes := x.FillBytes(make([]byte, (bits+63)/64*8))
	out := make([]uint64, len(bytes)/8)
	for i := range bytes {
		j := len(bytes) - 1 - i // from the least significant byte on
		out[i/8] |= uint64(bytes[j]) << (8 * (i % 8))
	}
	return out
}

// allPowers returns the powers of a base from the zeroth on.
func (m *Modulus) allPowers(base *big.Int) []residue {
	b, unit := m.residue(base), make(residue, m.count)
	unit[0] = 1
	out := make([]residue, 1<<secretWidth)
	for i := range out {
		out[i] = make(residue, m.count)
		if i == 0 {
			m.mul(out[i], m.r2, unit)
		} else {
			m.mul(out[i], out[i-1], b)
		}
	}
	return out
}

// choose copies the entry at an index, reading all of them.
func choose(z residue, table []residue, index uint64) {
	clear(z)
	for i, entry := range table {
		mask := -uint64(subtle.ConstantTimeEq(int32(i), int32(index)))
		for j := range z {
			z[j] |= entry[j] & mask
		}
	}
}
