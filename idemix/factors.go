package idemix

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/privacybydesign/gabi/gabikeys"
)

// factors computes modulo n with its factors p and q: modulo each apart, which
// takes half as many digits and half as long exponents, and then puts the
// results together (Chinese remainders). The group has order p'·q', where
// p = 2p'+1 and q = 2q'+1.
//
// Exponents are secret, so they go through exponentiations that do not show them
// (modexp.ExpSecret). Reducing numbers modulo the factors and putting results
// together goes by math/big, which takes a time that depends on the numbers, but
// once per signature and not once per bit.
type factors struct {
	p, q           *modexp.Modulus
	key            *gabikeys.PrivateKey
	order          *big.Int // p'·q'
	inverseQ       *big.Int // 1/q modulo p
	pPrime, qPrime *big.Int
}

var errFactors = errors.New("the factors of the modulus are not usable")

func newFactors(key *gabikeys.PrivateKey, arithmetic modexp.Arithmetic) (*factors, error) {
	p, err := modexp.New(key.P.Go(), arithmetic)
	if err != nil {
		return nil, errFactors
	}
	q, err := modexp.New(key.Q.Go(), arithmetic)
	if err != nil {
		return nil, errFactors
	}
	f := &factors{p: p, q: q, key: key, pPrime: key.PPrime.Go(), qPrime: key.QPrime.Go()}
	f.order = new(big.Int).Mul(f.pPrime, f.qPrime)
	f.inverseQ = new(big.Int).ModInverse(key.Q.Go(), key.P.Go())
	if f.inverseQ == nil {
		return nil, errFactors
	}
	return f, nil
}

// exp returns base to the power exponent modulo n, for a base that is a square
// and so has an order that divides p'·q'. For other bases the result is wrong,
// which the check of the finished signature notices.
func (f *factors) exp(base, exponent *big.Int) *big.Int {
	modP := f.p.ExpSecret(base, new(big.Int).Mod(exponent, f.pPrime), f.pPrime.BitLen())
	modQ := f.q.ExpSecret(base, new(big.Int).Mod(exponent, f.qPrime), f.qPrime.BitLen())
	// The result is modQ + q·h with h = (modP - modQ)/q modulo p.
	h := new(big.Int).Sub(modP, modQ)
	h.Mul(h, f.inverseQ).Mod(h, f.key.P.Go())
	return h.Mul(h, f.key.Q.Go()).Add(h, modQ)
}

// inverse returns 1/e modulo the order. What is inverted by math/big, in a time
// that depends on the numbers, is e times a random number.
func (f *factors) inverse(e *big.Int) (*big.Int, error) {
	mask, err := f.random()
	if err != nil {
		return nil, err
	}
	out := new(big.Int).Mul(e, mask)
	if out.ModInverse(out.Mod(out, f.order), f.order) == nil {
		return nil, errNotInvertible
	}
	return out.Mul(out, mask).Mod(out, f.order), nil
}

// random draws a number below the order. That it is zero or divides the order
// practically does not occur.
func (f *factors) random() (*big.Int, error) {
	r, err := rand.Int(rand.Reader, f.order)
	if err != nil {
		return nil, fmt.Errorf("drawing an exponent: %w", err)
	}
	return r, nil
}
