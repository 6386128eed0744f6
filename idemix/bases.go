package idemix

import (
	"errors"
	"math/big"
	"sync"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/privacybydesign/gabi/gabikeys"
)

// base is one of the numbers of a public key that proofs take powers of: an
// index of R, or one of the constants.
type base int

const (
	baseS        base = -1
	baseInverseZ base = -2 // 1/Z
)

// keyTables computes modulo the n of a key. Tables are made when they are first
// needed; until one is, goroutines that use this key wait for it.
type keyTables struct {
	cache *tableCache // nil: no tables
	key   *gabikeys.PublicKey

	digest  keyDigest
	size    int64               // guarded by the cache's lock
	dropped bool                // guarded by the cache's lock
	known   *gabikeys.PublicKey // the address it is found at; guarded by the cache's lock

	mu       sync.Mutex // guards the fields below
	modulus  *modexp.Modulus
	inverseZ *big.Int
	tables   map[base]*modexp.Table // nil for a base that gets none
	factors  *factors               // of the private key that was used last, if any
}

// keyOverhead is roughly what a key takes besides tables, in bytes.
const keyOverhead = 8 << 10

var errNotInvertible = errors.New("number without inverse")

// group returns the arithmetic for a key.
func (e *Engine) group(key *gabikeys.PublicKey) (*keyTables, error) {
	var k *keyTables
	if e == nil || e.tables == nil {
		k = &keyTables{key: key}
	} else {
		k = e.tables.get(key)
	}
	return k, k.prepare(e.using())
}

// prepare computes what all proofs for the key need.
func (k *keyTables) prepare(arithmetic modexp.Arithmetic) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.modulus != nil {
		return nil
	}
	modulus, err := modexp.New(k.key.N.Go(), arithmetic)
	if err != nil {
		return err
	}
	k.inverseZ = new(big.Int).ModInverse(k.key.Z.Go(), k.key.N.Go())
	if k.inverseZ == nil {
		return errNotInvertible
	}
	k.modulus, k.tables = modulus, map[base]*modexp.Table{}
	return nil
}

// factorsOf returns the arithmetic of the private key that belongs to the key.
func (k *keyTables) factorsOf(private *gabikeys.PrivateKey, arithmetic modexp.Arithmetic) (*factors, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.factors == nil || k.factors.key != private {
		f, err := newFactors(private, arithmetic)
		if err != nil {
			return nil, err
		}
		k.factors = f
	}
	return k.factors, nil
}

// power returns a power of a base of the key, with its table.
func (k *keyTables) power(b base, exponent *big.Int) modexp.Power {
	return modexp.Power{Base: k.number(b), Exponent: exponent, Table: k.table(b)}
}

func (k *keyTables) number(b base) *big.Int {
	switch b {
	case baseS:
		return k.key.S.Go()
	case baseInverseZ:
		return k.inverseZ
	}
	return k.key.R[b].Go()
}

// table returns the table of a base, or nil if there is no room for it.
func (k *keyTables) table(b base) *modexp.Table {
	if k.cache == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if t, ok := k.tables[b]; ok {
		return t
	}
	bits, span := k.extent(b)
	if !k.cache.claim(k, k.modulus.TableSize(bits, span)) {
		return nil
	}
	t := k.modulus.NewTable(k.number(b), bits, span)
	k.tables[b] = t
	return t
}

// extent returns the length of the longest exponent of a base, and that of the
// pieces to cut it into.
//
// Commitments take a power of U whose exponent is a challenge, so 256 squarings;
// S and R[0] are cut into pieces of that length in order not to add any. In
// disclosure proofs the exponent of A is longer than all exponents of the other
// bases, so those do not need to be cut.
func (k *keyTables) extent(b base) (bits, span int) {
	params := k.key.Params
	hidden := int(params.LmCommit) + 2
	switch b {
	case baseS:
		return int(params.LvCommit) + 2, challengeBits
	case baseInverseZ:
		return challengeBits, challengeBits
	case secretIndex:
		return hidden, challengeBits
	}
	longest := max(hidden, int(params.Lm)+challengeBits)
	return longest, longest
}
