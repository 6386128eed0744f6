package idemix_test

import (
	"fmt"
	stdbig "math/big"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/internal/caught"
	"github.com/privacybydesign/gabi"
)

// Primes are in the range that wallets check, for every kind of key.
func TestPrimesAreInRange(t *testing.T) {
	t.Parallel()
	for _, arithmetic := range []string{"", "portable"} {
		for _, le := range []uint{597, 645, 901} {
			low := new(stdbig.Int).Lsh(stdbig.NewInt(1), le-1)
			high := new(stdbig.Int).Add(low, new(stdbig.Int).Lsh(stdbig.NewInt(1), 119))
			for range 3 {
				e := must(idemix.FindPrime(le-1, 119, arithmetic))
				if e.Cmp(low) < 0 || e.Cmp(high) >= 0 || !e.ProbablyPrime(20) {
					t.Errorf("%q: %d is not a prime of the range of %d bits", arithmetic, e, le)
				}
			}
		}
	}
}

// From any odd number on the search finds the first prime, as long as that is
// in the range; no candidate is lost in the sieve.
func TestFirstPrime(t *testing.T) {
	t.Parallel()
	const start, length = 200, 9
	next := new(stdbig.Int).Lsh(stdbig.NewInt(1), start)
	end := new(stdbig.Int).Add(next, new(stdbig.Int).Lsh(stdbig.NewInt(1), length))
	for next.SetBit(next, 0, 1); next.Cmp(end) < 0; next.Add(next, stdbig.NewInt(2)) {
		want := new(stdbig.Int).Set(next)
		for want.Cmp(end) < 0 && !want.ProbablyPrime(20) {
			want.Add(want, stdbig.NewInt(2))
		}
		got := must(idemix.FirstPrime(start, length, next))
		if inRange := want.Cmp(end) < 0; inRange != (got != nil) || inRange && got.Cmp(want) != 0 {
			t.Fatalf("from %x: got %x, want %x", next, got, want)
		}
	}
}

// No prime is handed out twice, whether it was kept ready or not.
func TestPrimesAreUsedOnce(t *testing.T) {
	t.Parallel()
	e := must(idemix.NewEngine(idemix.EngineConfig{PrimePool: 5}))
	key := publicKey(ageLimits)
	var mu sync.Mutex
	seen := map[string]bool{}
	take := func() {
		prime := must(idemix.TakePrime(e, key)).String()
		mu.Lock()
		defer mu.Unlock()
		if seen[prime] {
			t.Errorf("prime %s was handed out twice", prime)
		}
		seen[prime] = true
	}
	take()
	idemix.WaitForPrimes(e)
	if got := idemix.PrimesReady(e, key); got != 5 {
		t.Fatalf("%d primes are ready, want 5", got)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(take)
	}
	wg.Wait()
	e.Close()
	for ready := idemix.PrimesReady(e, key); ready >= 0; ready-- {
		take() // the last one is not from the pool
	}
	if got := idemix.PrimesReady(e, key); got != 0 {
		t.Errorf("%d primes are ready after Close and use, want none", got)
	}
	e.Close()
}

// While something is computed, primes are searched for only when less than half of
// them are left.
func TestPrimesWaitForRequests(t *testing.T) {
	t.Parallel()
	key := publicKey(ageLimits)
	synctest.Test(t, func(t *testing.T) {
		e := must(idemix.NewEngine(idemix.EngineConfig{PrimePool: 4}))
		defer e.Close()
		must(idemix.TakePrime(e, key))
		idemix.WaitForPrimes(e)
		first, second := idemix.Occupy(e), idemix.Occupy(e)
		want := func(moment string, want int) {
			t.Helper()
			synctest.Wait() // the search is over, or waits
			if got := idemix.PrimesReady(e, key); got != want {
				t.Errorf("%s: %d primes are ready, want %d", moment, got, want)
			}
		}
		for _, left := range []int{3, 2, 2} {
			must(idemix.TakePrime(e, key))
			want("busy", left)
		}
		first()
		want("less busy", 2)
		second()
		want("idle", 4)
		defer idemix.Occupy(e)() // Close returns all the same
		must(idemix.TakePrime(e, key))
		want("busy again", 3)
	})
}

// A panic of the search in the background is one of the next request, and of no other.
func TestPanicWhileSearching(t *testing.T) {
	t.Parallel()
	e := must(idemix.NewEngine(idemix.EngineConfig{PrimePool: 1}))
	defer e.Close()
	key := publicKey(ageLimits)
	idemix.PanicWhileSearching(e, key)
	take := func() error {
		return caught.Do(func() error {
			_, err := idemix.TakePrime(e, key)
			return err
		})
	}
	if err := take(); err == nil || !strings.Contains(fmt.Sprintf("%+v", err), "nil pointer") {
		t.Errorf("the next request: %v", err)
	}
	if err := take(); err != nil {
		t.Errorf("the one after that: %v", err)
	}
}

// What every engine issues passes the wallet's checks, which are gabi's.
func TestEnginesIssue(t *testing.T) {
	t.Parallel()
	req := issuance(offer(personalData, with(alice, "city", "a value that is too long for an exponent, so that its hash is signed")),
		offer(ballot, map[string]string{"election": "council"}))
	for path, e := range engines() {
		c := newWallet().commit(req)
		signatures, err := e.Issue(demoSet(), req, c.message(), now)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		wantConstructed(t, req, c, signatures)
	}
}

func BenchmarkPrime(b *testing.B) {
	for _, arithmetic := range idemix.Arithmetics() {
		b.Run("path="+arithmetic, func(b *testing.B) {
			for b.Loop() {
				must(idemix.FindPrime(644, 119, arithmetic))
			}
		})
	}
}

// Signatures without the search for their primes, and by gabi, whose search is
// included.
func BenchmarkSign(b *testing.B) {
	require2048(b)
	req := issuance(offer(ageLimits, ages))
	c := newWallet().commit(req)
	private, public := keys(demoSet(), ageLimits)
	values := encode(demoSet().CredentialType(ageLimits), metadata(ageLimits, now, expiry).Int(), ages)
	b.Run("path=gabi", func(b *testing.B) {
		for b.Loop() {
			must(gabi.NewIssuer(private, public, context).IssueSignature(proofU(c.proofs, 0).U, values, nil, nonce2, nil))
		}
	})
	m := c.message()
	for _, arithmetic := range idemix.Arithmetics() {
		b.Run("path="+arithmetic, func(b *testing.B) {
			e := must(idemix.NewEngine(idemix.EngineConfig{Arithmetic: arithmetic}))
			prime := must(idemix.TakePrime(e, public))
			must(e.Issue(demoSet(), req, m, now)) // makes the tables
			for b.Loop() {
				idemix.StockPrime(e, public, prime)
				must(e.Issue(demoSet(), req, m, now))
			}
		})
	}
}
