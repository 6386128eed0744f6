package idemix

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"sync"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
)

// primeRounds is the number of rounds of Miller and Rabin with random bases that
// a prime passes, besides other tests. Candidates are random, for which far
// fewer rounds leave no doubt.
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
	for i, composite := range sieve(first) {
		if composite {
			continue
		}
		candidate := new(big.Int).Add(first, big.NewInt(int64(2*i)))
		if candidate.Cmp(end) >= 0 {
			return nil, nil
		}
		if prime, err := s.isPrime(candidate); prime || err != nil {
			return candidate, err
		}
	}
	return nil, nil
}

// sieve marks which of the numbers first, first+2, first+4… have a small
// factor. All are greater than the small primes.
func sieve(first *big.Int) []bool {
	composite := make([]bool, sieveSpan)
	remainder, divisor := new(big.Int), new(big.Int)
	for _, p := range smallPrimes() {
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

// isPrime tests a number greater than 3: by Miller and Rabin with base 2, which
// is the quickest way to find that it is composite, then with random bases, and
// at last by Baillie, Pomerance, Selfridge and Wagstaff.
func (s *primeSearch) isPrime(x *big.Int) (bool, error) {
	m, err := modexp.New(x, s.arithmetic)
	if err != nil {
		return false, err
	}
	if !strongPrime(m, x, big.NewInt(2)) {
		return false, nil
	}
	for range primeRounds {
		base, err := rand.Int(rand.Reader, new(big.Int).Sub(x, big.NewInt(3)))
		if err != nil {
			return false, fmt.Errorf("testing a prime: %w", err)
		}
		if !strongPrime(m, x, base.Add(base, big.NewInt(2))) { // 2 … x-2
			return false, nil
		}
	}
	return x.ProbablyPrime(0), nil
}

// strongPrime is one round of Miller and Rabin: with x-1 = d·2^k for an odd d,
// either base^d is 1 or one of base^d, base^2d, base^4d… below base^(x-1) is -1.
func strongPrime(m *modexp.Modulus, x, base *big.Int) bool {
	last := new(big.Int).Sub(x, one)
	twos := last.TrailingZeroBits()
	power, err := m.Product(modexp.Power{Base: base, Exponent: new(big.Int).Rsh(last, twos)})
	if err != nil {
		return false
	}
	if power.Cmp(one) == 0 {
		return true
	}
	for range twos {
		if power.Cmp(last) == 0 {
			return true
		}
		power.Mul(power, power).Mod(power, x)
	}
	return false
}
