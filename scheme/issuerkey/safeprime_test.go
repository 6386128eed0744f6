package issuerkey

import (
	"crypto/rand"
	"math/big"
	"testing"
)

// The sieve drops what has a small factor, and nothing else.
func TestSieve(t *testing.T) {
	t.Parallel()
	for _, form := range []form{firstForm, secondForm} {
		s := search{random: rand.Reader, bits: 64, form: form, small: smallPrimes(100)}
		start, err := s.start()
		if err != nil {
			t.Fatal(err)
		}
		for k, got := range s.sieve(start) {
			q := s.at(start, uint64(k)).Uint64()
			if q%form.modulus != form.residue || q>>61 != 3 {
				t.Fatalf("candidate %d", q)
			}
			want := false
			for _, r := range s.small {
				want = want || q%r == 0 || (2*(q%r)+1)%r == 0
			}
			if got != want {
				t.Fatalf("%d is sieved out: %v, want %v", q, got, want)
			}
		}
	}
}

// A number of which only one of q and 2q+1 is prime is not taken.
func TestTest(t *testing.T) {
	t.Parallel()
	var s search
	taken := 0
	for q := int64(3); q < 2000; q += 2 {
		p := s.test(big.NewInt(q), 0)
		want := big.NewInt(q).ProbablyPrime(0) && big.NewInt(2*q+1).ProbablyPrime(0)
		if (p != nil) != want || p != nil && p.Int64() != 2*q+1 {
			t.Errorf("%d: got %v, want one: %v", q, p, want)
		}
		if p != nil {
			taken++
		}
	}
	if taken < 30 {
		t.Errorf("%d safe primes", taken)
	}
}

func TestSmallPrimes(t *testing.T) {
	t.Parallel()
	primes := map[uint64]bool{}
	for _, r := range smallPrimes(1000) {
		primes[r] = true
	}
	for n := uint64(3); n < 1000; n++ {
		if primes[n] != new(big.Int).SetUint64(n).ProbablyPrime(0) {
			t.Errorf("%d: %v", n, primes[n])
		}
	}
}
