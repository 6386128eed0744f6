package modexp

import (
	"math/big"
	"math/bits"
)

// toWords returns |x| as words of 64 bits, least significant first.
func toWords(x *big.Int) []uint64 {
	return appendWords(make([]uint64, 0, (x.BitLen()+63)/64), x)
}

// appendWords appends what toWords returns.
func appendWords(out []uint64, x *big.Int) []uint64 {
	digits := x.Bits()
	if bits.UintSize == 64 {
		for _, digit := range digits {
			out = append(out, uint64(digit))
		}
		return out
	}
	for i, digit := range digits {
		if i%2 == 0 {
			out = append(out, uint64(digit))
		} else {
			out[len(out)-1] |= uint64(digit) << 32
		}
	}
	return out
}

// fromWords is the inverse of toWords.
func fromWords(words []uint64) *big.Int {
	digits := make([]big.Word, 0, len(words)*64/bits.UintSize)
	for _, word := range words {
		digits = append(digits, big.Word(word))
		if bits.UintSize == 32 {
			digits = append(digits, big.Word(word>>32))
		}
	}
	return new(big.Int).SetBits(digits)
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
