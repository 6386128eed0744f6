package issuerkey

import (
	"context"
	"crypto/rand"
	"io"
	"math/big"
	"runtime"
	"sync"
	"sync/atomic"
)

// A safe prime is a prime 2q+1 with q prime. They are rare: one in 200,000 numbers
// of 1024 bits. So numbers are first sieved by all primes below sieveLimit, both q
// and 2q+1, which leaves a hundredth of the odd ones to be tested.
const (
	sieveLimit  = 1 << 16
	sieveWindow = 1 << 15 // candidates from one random start
)

// form is what the primes q must be modulo 8 or 4. The two halves of a key have
// different forms, without which it cannot be proved that the key is well made.
type form struct{ residue, modulus uint64 }

var (
	firstForm  = form{3, 4}
	secondForm = form{5, 8}
)

// search looks for a safe prime on all processors.
type search struct {
	random io.Reader
	bits   int
	form   form
	small  []uint64 // the odd primes to sieve by
	tested func()   // called for each candidate that is tested, by many goroutines
}

// run returns a safe prime of exactly the right length, of which the second
// highest bit is set as well, so that the product of two has twice its length.
func (s *search) run(ctx context.Context) (*big.Int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type outcome struct {
		prime *big.Int
		err   error
	}
	workers := runtime.GOMAXPROCS(0)
	outcomes := make(chan outcome, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			prime, err := s.work(ctx)
			outcomes <- outcome{prime, err}
			cancel() // the others need not go on
		})
	}
	first := <-outcomes
	cancel()
	wg.Wait()
	return first.prime, first.err
}

func (s *search) work(ctx context.Context) (*big.Int, error) {
	for {
		start, err := s.start()
		if err != nil {
			return nil, err
		}
		composite := s.sieve(start)
		for k, dropped := range composite {
			if dropped {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.tested()
			if p := s.test(start, uint64(k)); p != nil {
				return p, nil
			}
		}
	}
}

// start returns a random q of the right form, far enough below the next power of
// two for a whole window.
func (s *search) start() (*big.Int, error) {
	for {
		buf := make([]byte, (s.bits+7)/8)
		if _, err := io.ReadFull(s.random, buf); err != nil {
			return nil, err
		}
		q := new(big.Int).SetBytes(buf)
		q.Rsh(q, uint(len(buf)*8-(s.bits-1)))
		q.SetBit(q, s.bits-2, 1).SetBit(q, s.bits-3, 1)
		q.Sub(q, new(big.Int).Mod(q, new(big.Int).SetUint64(s.form.modulus)))
		q.Add(q, new(big.Int).SetUint64(s.form.residue))
		if s.at(q, sieveWindow).BitLen() == s.bits-1 {
			return q, nil
		}
	}
}

// at returns candidate k of the window.
func (s *search) at(start *big.Int, k uint64) *big.Int {
	return new(big.Int).Add(start, new(big.Int).SetUint64(k*s.form.modulus))
}

// sieve tells which candidates q of the window have a small factor, or have a
// 2q+1 that has one.
func (s *search) sieve(start *big.Int) []bool {
	composite := make([]bool, sieveWindow)
	var rest, divisor big.Int
	for _, r := range s.small {
		q := rest.Mod(start, divisor.SetUint64(r)).Uint64()
		step := inverse(s.form.modulus, r)
		// q + k*modulus is 0, or (r-1)/2, modulo r.
		for _, unwanted := range [2]uint64{0, (r - 1) / 2} {
			for k := (unwanted + r - q) % r * step % r; k < sieveWindow; k += r {
				composite[k] = true
			}
		}
	}
	return composite
}

// test returns 2q+1 if both are prime.
func (s *search) test(start *big.Int, k uint64) *big.Int {
	q := s.at(start, k)
	if !q.ProbablyPrime(0) {
		return nil
	}
	p := new(big.Int).Lsh(q, 1)
	p.SetBit(p, 0, 1)
	if !p.ProbablyPrime(rounds) || !q.ProbablyPrime(rounds) {
		return nil
	}
	return p
}

// rounds of Miller-Rabin, beyond a Baillie-PSW test, are more than enough for
// numbers that nobody chose.
const rounds = 20

// inverse returns 1/x modulo the odd prime r; x is a power of two.
func inverse(x, r uint64) uint64 {
	out := uint64(1)
	for ; x > 1; x /= 2 {
		// Half of an odd number is half of that plus r.
		if out%2 == 1 {
			out += r
		}
		out /= 2
	}
	return out
}

// smallPrimes returns the odd primes below limit.
func smallPrimes(limit int) []uint64 {
	composite := make([]bool, limit)
	var out []uint64
	for n := 3; n < limit; n += 2 {
		if composite[n] {
			continue
		}
		out = append(out, uint64(n))
		for m := n * n; m < limit; m += 2 * n {
			composite[m] = true
		}
	}
	return out
}

// safePrimes returns two safe primes of the forms above.
func safePrimes(ctx context.Context, bits int, progress func(Progress)) (p, q *big.Int, err error) {
	var told sync.Mutex
	var tested atomic.Int64
	state := Progress{Expected: expectedTests(bits)}
	tell := func(found int) {
		told.Lock()
		defer told.Unlock()
		state.Found = max(state.Found, found)
		state.Tested = int(tested.Load())
		progress(state)
	}
	s := search{random: rand.Reader, bits: bits, form: firstForm, small: smallPrimes(sieveLimit)}
	s.tested = func() { tested.Add(1); tell(0) }
	if p, err = s.run(ctx); err != nil {
		return nil, nil, err
	}
	tell(1)
	s.form = secondForm
	if q, err = s.run(ctx); err != nil {
		return nil, nil, err
	}
	tell(2)
	return p, q, nil
}
