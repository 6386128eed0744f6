package modexp

import (
	"encoding/binary"
	"math/big"
)

// toWords returns |x| as words of 64 bits, least significant first.
func toWords(x *big.Int) []uint64 {
	count := (x.BitLen() + 63) / 64
	bytes := x.FillBytes(make([]byte, 8*count))
	out := make([]uint64, count)
	for i := range out {
		out[i] = binary.BigEndian.Uint64(bytes[8*(count-1-i):])
	}
	return out
}

// fromWords is the inverse of toWords.
func fromWords(words []uint64) *big.Int {
	bytes := make([]byte, 8*len(words))
	for i, word := range words {
		binary.BigEndian.PutUint64(bytes[8*(len(words)-1-i):], word)
	}
	return new(big.Int).SetBytes(bytes)
}

// window returns the width bits of a number that start at bit i. Bits beyond
// its words are zero. The width is between 1 and 64.
func window(words []uint64, i, width int) uint64 {
	at, shift := i/64, uint(i%64)
	if at >= len(words) {
		return 0
	}
	out := words[at] >> shift
	if shift > 0 && at+1 < len(words) {
		out |= words[at+1] << (64 - shift)
	}
	return out & (^uint64(0) >> (64 - uint(width)))
}

// negInverse returns -1/n modulo 2^64 for an odd n.
func negInverse(n uint64) uint64 {
	// n is its own inverse modulo 8. Each step doubles the number of correct
	// bits: if n·x = 1+d then n·x·(2-n·x) = 1-d².
	x := n
	for range 5 { // 3, 6, 12, 24, 48, 96 bits
		x *= 2 - n*x
	}
	return -x
}
