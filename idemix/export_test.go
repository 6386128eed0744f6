package idemix

import (
	"math/big"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/gabikeys"
)

// HashCommit lets tests compute challenges of proofs that they make themselves.
var HashCommit = hashCommit

// MaxProofs is the number of proofs allowed in a message.
const MaxProofs = maxProofs

// Arithmetics returns the names of those that this machine has, the slowest first.
func Arithmetics() []string {
	var out []string
	for _, a := range []modexp.Arithmetic{modexp.Portable, modexp.ARM64, modexp.ADX, modexp.IFMA} {
		if a.Available(2048) {
			out = append(out, string(a))
		}
	}
	return out
}

// ContributionsD computes what a disclosure proof adds to the challenge, without
// the rules.
func ContributionsD(e *Engine, key *gabikeys.PublicKey, proof *irma.ProofD) ([]*big.Int, error) {
	return (&presentation{proof: proof, key: key}).contributions(e)
}

// ContributionsU computes what a commitment adds to the challenge, without the
// rules, but for the one that gives the inverse.
func ContributionsU(e *Engine, key *gabikeys.PublicKey, proof *irma.ProofU) ([]*big.Int, error) {
	c := &commitment{proof: proof, key: key}
	if err := c.invert(); err != nil {
		return nil, err
	}
	return c.contributions(e)
}

// TablesInUse returns how many bytes the tables of an Engine take, and of how
// many keys they are.
func TablesInUse(e *Engine) (bytes int64, keys int) {
	e.tables.mu.Lock()
	defer e.tables.mu.Unlock()
	return e.tables.used, len(e.tables.keys)
}

// HasTables reports whether an Engine keeps tables of a key.
func HasTables(e *Engine, key *gabikeys.PublicKey) bool {
	e.tables.mu.Lock()
	defer e.tables.mu.Unlock()
	_, ok := e.tables.keys[key]
	return ok
}

// FindPrime finds a prime in [2^start, 2^start + 2^length).
func FindPrime(start, length uint, arithmetic string) (*big.Int, error) {
	return (&primeSearch{start: start, length: length, arithmetic: modexp.Arithmetic(arithmetic)}).next()
}

// FirstPrime returns the first prime of a range from an odd number on, or nil.
func FirstPrime(start, length uint, first *big.Int) (*big.Int, error) {
	return (&primeSearch{start: start, length: length}).after(first)
}

// TakePrime takes a prime like a signature does.
func TakePrime(e *Engine, key *gabikeys.PublicKey) (*big.Int, error) { return e.prime(key.Params) }

// PanicWhileSearching has a search for primes panic in the background.
func PanicWhileSearching(e *Engine, key *gabikeys.PublicKey) {
	id := primeRange{key.Params.Le - 1, key.Params.LePrime - 1}
	e.primes.mu.Lock()
	e.primes.filling[id] = true
	e.primes.mu.Unlock()
	var none *primeSearch
	e.primes.fill(id, none)
}

// PrimesReady returns how many primes the pool has for a key.
func PrimesReady(e *Engine, key *gabikeys.PublicKey) int {
	e.primes.mu.Lock()
	defer e.primes.mu.Unlock()
	return len(e.primes.ready[primeRange{key.Params.Le - 1, key.Params.LePrime - 1}])
}

// Occupy has the Engine compute something until the result is called.
func Occupy(e *Engine) (done func()) { return e.busy() }

// WaitForPrimes returns when nothing is searching primes in the background.
func WaitForPrimes(e *Engine) { e.primes.running.Wait() }

// StockPrime has the next signature take this prime. Nothing is searched for in
// the background.
func StockPrime(e *Engine, key *gabikeys.PublicKey, prime *big.Int) {
	e.primes = newPrimePool(1)
	e.primes.closed = true
	e.primes.push(primeRange{key.Params.Le - 1, key.Params.LePrime - 1}, prime)
}
