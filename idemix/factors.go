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
	quad           *modexp.Quad // modulo p, q, p and q; nil if there is none for them
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
	if arithmetic.HasQuads(max(key.P.BitLen(), key.Q.BitLen())) {
		f.quad = modexp.NewQuad([modexp.Quads]*big.Int{key.P.Go(), key.Q.Go(), key.P.Go(), key.Q.Go()})
	}
	f.order = new(big.Int).Mul(f.pPrime, f.qPrime)
	f.inverseQ = new(big.Int).ModInverse(key.Q.Go(), key.P.Go())
	if f.inverseQ == nil {
		return nil, errFactors
	}
	return f, nil
}

// exp returns base to the powers of two exponents modulo n, for a base that is a
// square and so has an order that divides p'·q'. For other bases the results are
// wrong, which the check of the finished signature notices.
func (f *factors) exp(base, first, second *big.Int) (x, y *big.Int) {
	bits := max(f.pPrime.BitLen(), f.qPrime.BitLen())
	exponents := [modexp.Quads]*big.Int{
		new(big.Int).Mod(first, f.pPrime), new(big.Int).Mod(first, f.qPrime),
		new(big.Int).Mod(second, f.pPrime), new(big.Int).Mod(second, f.qPrime),
	}
	var powers [modexp.Quads]*big.Int
	if f.quad != nil {
		powers = f.quad.ExpSecret([modexp.Quads]*big.Int{base, base, base, base}, exponents, bits)
	} else {
		for i, m := range [modexp.Quads]*modexp.Modulus{f.p, f.q, f.p, f.q} {
			powers[i] = m.ExpSecret(base, exponents[i], bits)
		}
	}
	return f.join(powers[0], powers[1]), f.join(powers[2], powers[3])
}

// join returns the number modulo n that is modP modulo p and modQ modulo q. It is
// modQ + q·h with h = (modP - modQ)/q modulo p.
func (f *factors) join(modP, modQ *big.Int) *big.Int {
	h := new(big.Int).Sub(modP, modQ)
	h.Mul(h, f.inverseQ).Mod(h, f.key.P.Go())
	return h.Mul(h, f.key.Q.Go()).Add(h, modQ)
}

// inverse returns 1/e modulo the order. It is (1 + h·order)/e for the h that makes
// that whole, -1/order modulo e: e is shorter than the order. What is inverted by
// math/big, in a time that depends on the numbers, is the order times a random
// number.
func (f *factors) inverse(e *big.Int) (*big.Int, error) {
	mask, err := rand.Int(rand.Reader, e)
	if err != nil {
		return nil, fmt.Errorf("drawing a mask: %w", err)
	}
	h := new(big.Int).Mul(f.order, mask)
	if h.ModInverse(h.Mod(h, e), e) == nil {
		return nil, errNotInvertible
	}
	h.Mul(h, mask).Mod(h, e).Sub(e, h)
	h.Mul(h, f.order).Add(h, one)
	return h.Quo(h, e), nil
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
