package idemix

import (
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

// primeRounds is the number of Miller-Rabin rounds with random bases that a
// prime passes, besides the Baillie-PSW test. Candidates are random, for which
// far fewer rounds leave no doubt.
const primeRounds = 10

// sieveLimit bounds the small primes that candidates are tried with, and
// sieveSpan how many odd numbers are looked at from each random start. In a
// span of that size there practically always is a prime of the lengths that
// keys have.
const (
	sieveLimit = 1 << 14
	sieveSpan  = 1 << 12
)

// primeSearch finds the e of signatures: primes in the range
// [2^start, 2^start + 2^length).
//
// It draws a random odd number of the range and takes the first prime after it.
// That makes some primes more likely than others, but none likely enough to
// guess, which is all that signatures need.
type primeSearch struct {
	start, length uint
	small         []uint64
}

func newPrimeSearch(start, length uint) *primeSearch {
	return &primeSearch{start: start, length: length, small: smallPrimes(sieveLimit)}
}

// smallPrimes returns the odd primes below a limit.
func smallPrimes(limit int) []uint64 {
	composite := make([]bool, limit)
	var out []uint64
	for i := 3; i < limit; i += 2 {
		if composite[i] {
			continue
		}
		out = append(out, uint64(i))
		for j := i * i; j < limit; j += 2 * i {
			composite[j] = true
		}
	}
	return out
}

// next finds a prime. It fails only when the system has no randomness.
func (s *primeSearch) next() (*big.Int, error) {
	for {
		offset, err := rand.Int(rand.Reader, new(big.Int).Lsh(one, s.length))
		if err != nil {
			return nil, fmt.Errorf("drawing a prime: %w", err)
		}
		first := new(big.Int).Lsh(one, s.start)
		first.Add(first, offset).SetBit(first, 0, 1)
		if prime := s.after(first); prime != nil {
			return prime, nil
		}
	}
}

// after returns the first prime of the range among the odd numbers from first
// on, or nil if there is none in a span.
func (s *primeSearch) after(first *big.Int) *big.Int {
	end := new(big.Int).Lsh(one, s.start)
	end.Add(end, new(big.Int).Lsh(one, s.length))
	for i, composite := range s.sieve(first) {
		if composite {
			continue
		}
		candidate := new(big.Int).Add(first, big.NewInt(int64(2*i)))
		if candidate.Cmp(end) >= 0 {
			return nil
		}
		if likelyPrime(candidate) && candidate.ProbablyPrime(primeRounds) {
			return candidate
		}
	}
	return nil
}

// sieve marks which of the numbers first, first+2, first+4… have a small
// factor. All are greater than the small primes.
func (s *primeSearch) sieve(first *big.Int) []bool {
	composite := make([]bool, sieveSpan)
	remainder, divisor := new(big.Int), new(big.Int)
	for _, p := range s.small {
		r := remainder.Mod(first, divisor.SetUint64(p)).Uint64()
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
	return composite
}

// likelyPrime is Fermat's test with base 2. It is the quickest way to find that
// a number is composite.
func likelyPrime(x *big.Int) bool {
	m, err := modexp.New(x, modexp.Best)
	if err != nil {
		return false
	}
	power, err := m.Product(modexp.Power{Base: big.NewInt(2), Exponent: new(big.Int).Sub(x, one)})
	return err == nil && power.Cmp(one) == 0
}
