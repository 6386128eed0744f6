package idemix

import (
	"crypto/rand"
	"fmt"
	"math"
	"math/big"
	"slices"
	"sync"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

// primeRounds is the number of rounds of Miller and Rabin with random bases that
// a prime passes, after one with base 2: as many as are done at once. Candidates
// are random, and of random odd numbers of k bits that pass t rounds, at most
// k^(3/2) · 2^t · t^(-1/2) · 4^(2-√(tk)) are not prime (Damgård, Landrock and
// Pomerance): less than 2^-113 of those of 597 bits, the shortest.
const primeRounds = modexp.Lanes

// sieveLimit bounds the small primes that candidates are tried with, and
// sieveSpan how many odd numbers are looked at from each random start. In a
// span of that size there practically always is a prime of the lengths that
// keys have.
const (
	sieveLimit = 1 << 14
	sieveSpan  = 1 << 11
)

// primeSearch finds the e of signatures: primes in the range
// [2^start, 2^start + 2^length).
//
// It draws a random odd number of the range and takes the first prime after it.
// That makes some primes more likely than others, but none likely enough to
// guess, which is all that signatures need.
type primeSearch struct {
	start, length uint
	arithmetic    modexp.Arithmetic
}

// smallPrimes returns the odd primes below sieveLimit.
var smallPrimes = sync.OnceValue(func() []uint64 {
	composite := make([]bool, sieveLimit)
	var out []uint64
	for i := 3; i < sieveLimit; i += 2 {
		if composite[i] {
			continue
		}
		out = append(out, uint64(i))
		for j := i * i; j < sieveLimit; j += 2 * i {
			composite[j] = true
		}
	}
	return out
})

// next finds a prime. It fails only when the system has no randomness.
func (s *primeSearch) next() (*big.Int, error) {
	for {
		offset, err := rand.Int(rand.Reader, new(big.Int).Lsh(one, s.length))
		if err != nil {
			return nil, fmt.Errorf("drawing a prime: %w", err)
		}
		first := new(big.Int).Lsh(one, s.start)
		first.Add(first, offset).SetBit(first, 0, 1)
		if prime, err := s.after(first); prime != nil || err != nil {
			return prime, err
		}
	}
}

// after returns the first prime of the range among the odd numbers from first
// on, or nil if there is none in a span.
func (s *primeSearch) after(first *big.Int) (*big.Int, error) {
	end := new(big.Int).Lsh(one, s.start)
	end.Add(end, new(big.Int).Lsh(one, s.length))
	var candidates []*big.Int
	for i, composite := range sieve(first) {
		if composite {
			continue
		}
		candidate := new(big.Int).Add(first, big.NewInt(int64(2*i)))
		if candidate.Cmp(end) >= 0 {
			break
		}
		candidates = append(candidates, candidate)
	}
	for group := range slices.Chunk(candidates, modexp.Lanes) {
		for i, possible := range s.mayBePrimes(group) {
			if !possible {
				continue
			}
			if prime, err := s.isPrime(group[i]); prime || err != nil {
				return group[i], err
			}
		}
	}
	return nil, nil
}

// mayBePrimes rules out nearly all numbers of a group that are not prime, where
// that can be done for all at once.
func (s *primeSearch) mayBePrimes(group []*big.Int) [modexp.Lanes]bool {
	var lanes [modexp.Lanes]*big.Int
	for lane := range lanes {
		lanes[lane] = group[lane%len(group)]
	}
	if !s.arithmetic.HasLanes(lanes[0].BitLen()) {
		var all [modexp.Lanes]bool
		for i := range group {
			all[i] = true
		}
		return all
	}
	pass := modexp.NewLanes(lanes).PassFermat()
	clear(pass[len(group):])
	return pass
}

// sieve marks which of the numbers first, first+2, first+4… have a small
// factor. All are greater than the small primes.
func sieve(first *big.Int) []bool {
	composite := make([]bool, sieveSpan)
	remainder, divisor := new(big.Int), new(big.Int)
	for _, group := range primeGroups() {
		rest := remainder.Mod(first, divisor.SetUint64(group.product)).Uint64()
		for _, p := range group.primes {
			r := rest % p
			// first + 2i is divisible if 2i = -r, so if i = -r/2, modulo p; p - r or,
			// if that is odd, 2p - r is even.
			i := p - r
			if i%2 == 1 {
				i += p
			}
			for i = i / 2 % p; i < sieveSpan; i += p {
				composite[i] = true
			}
		}
	}
	return composite
}

// primeGroup is small primes whose product fits in a word: a long number is
// divided by that once, and not by each.
type primeGroup struct {
	product uint64
	primes  []uint64
}

var primeGroups = sync.OnceValue(func() []primeGroup {
	var out []primeGroup
	for _, p := range smallPrimes() {
		last := len(out) - 1
		if last < 0 || out[last].product > math.MaxUint64/p {
			out = append(out, primeGroup{product: 1})
			last++
		}
		out[last].product *= p
		out[last].primes = append(out[last].primes, p)
	}
	return out
})

// isPrime tests a number greater than 3 by Miller and Rabin: with base 2, which is
// the quickest way to find that it is composite, unless mayBePrimes has done the
// like, and then with random bases.
func (s *primeSearch) isPrime(x *big.Int) (bool, error) {
	if !s.arithmetic.HasLanes(x.BitLen()) {
		m, err := modexp.New(x, s.arithmetic)
		if err != nil {
			return false, err
		}
		if power, err := oddPower(m, x, big.NewInt(2)); err != nil || !strong(x, power) {
			return false, err
		}
	}
	powers, err := s.randomPowers(x)
	if err != nil {
		return false, err
	}
	for _, power := range powers {
		if !strong(x, power) {
			return false, nil
		}
	}
	return true, nil
}

// randomPowers returns random numbers to the power of the odd part of x-1.
func (s *primeSearch) randomPowers(x *big.Int) (out [primeRounds]*big.Int, err error) {
	var bases [primeRounds]*big.Int
	for i := range bases {
		base, err := rand.Int(rand.Reader, new(big.Int).Sub(x, big.NewInt(3)))
		if err != nil {
			return out, fmt.Errorf("testing a prime: %w", err)
		}
		bases[i] = base.Add(base, big.NewInt(2)) // 2 … x-2
	}
	if s.arithmetic.HasLanes(x.BitLen()) {
		var same [modexp.Lanes]*big.Int
		for lane := range same {
			same[lane] = x
		}
		return modexp.NewLanes(same).Powers(bases, oddPart(x)), nil
	}
	m, err := modexp.New(x, s.arithmetic)
	if err != nil {
		return out, err
	}
	for i, base := range bases {
		if out[i], err = oddPower(m, x, base); err != nil {
			return out, err
		}
	}
	return out, nil
}

// oddPart returns d of x-1 = d·2^k, for an odd d.
func oddPart(x *big.Int) *big.Int {
	last := new(big.Int).Sub(x, one)
	return last.Rsh(last, last.TrailingZeroBits())
}

func oddPower(m *modexp.Modulus, x, base *big.Int) (*big.Int, error) {
	return m.Product(modexp.Power{Base: base, Exponent: oddPart(x)})
}

// strong is one round of Miller and Rabin: with x-1 = d·2^k for an odd d, either
// power, which is base^d, is 1 or one of base^d, base^2d, base^4d… below
// base^(x-1) is -1.
func strong(x, power *big.Int) bool {
	last := new(big.Int).Sub(x, one)
	if power.Cmp(one) == 0 {
		return true
	}
	square := new(big.Int).Set(power)
	for range last.TrailingZeroBits() {
		if square.Cmp(last) == 0 {
			return true
		}
		square.Mul(square, square).Mod(square, x)
	}
	return false
}
