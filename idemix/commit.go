package idemix

import (
	"crypto/sha256"
	"math/big"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/irmad/irmaserver/irma"
)

// contributions implements contributor.
func (p *presentation) contributions(e *Engine) ([]*big.Int, error) {
	k, err := e.group(p.key)
	if err != nil {
		return nil, err
	}
	z, err := k.modulus.Product(p.powers(k)...)
	if err != nil {
		return nil, err
	}
	return []*big.Int{p.proof.A.Big(), z}, nil
}

// powers returns the factors of
//
//	Z' = (1/Z)^c · A^(c·2^(Le-1) + e_response) · S^v_response
//	     · ∏ hidden R_i^a_response_i · ∏ disclosed R_i^(c·a_i)
//
// which is the equation of spec 12 §2 without a division per proof.
func (p *presentation) powers(k *keyTables) []modexp.Power {
	c := p.proof.C.Big()
	out := []modexp.Power{
		{Base: p.proof.A.Big(), Exponent: p.exponentOfA()},
		k.power(baseInverseZ, c),
		k.power(baseS, p.proof.VResponse.Big()),
	}
	for i, response := range p.proof.AResponses {
		out = append(out, k.power(base(i), response.Big()))
	}
	for i, value := range p.proof.ADisclosed {
		exponent := attributeExponent(value, p.key.Params.Lm)
		out = append(out, k.power(base(i), exponent.Mul(exponent, c)))
	}
	return out
}

// exponentOfA returns c·2^(Le-1) + e_response.
func (p *presentation) exponentOfA() *big.Int {
	out := new(big.Int).Lsh(p.proof.C.Big(), p.key.Params.Le-1)
	return out.Add(out, p.proof.EResponse.Big())
}

// attributeExponent returns what is signed for an attribute: its value, or the
// digest of the value if it is longer than lm bits.
func attributeExponent(value *irma.Int, lm uint) *big.Int {
	x := new(big.Int).Set(value.Big())
	if x.BitLen() > int(lm) {
		digest := sha256.Sum256(x.Bytes())
		x.SetBytes(digest[:])
	}
	return x
}

// contributions implements contributor.
func (c *commitment) contributions(e *Engine) ([]*big.Int, error) {
	k, err := e.group(c.key)
	if err != nil {
		return nil, err
	}
	u, err := k.modulus.Product(c.powers(k)...)
	if err != nil {
		return nil, err
	}
	return []*big.Int{c.proof.U.Big(), u}, nil
}

// powers returns the factors of
//
//	U' = (1/U)^c · S^v_prime_response · R_0^s_response
//	     · ∏ randomblind R_i^m_user_response_i
func (c *commitment) powers(k *keyTables) []modexp.Power {
	out := []modexp.Power{
		{Base: c.inverse, Exponent: c.proof.C.Big()},
		k.power(baseS, c.proof.VPrimeResponse.Big()),
		k.power(secretIndex, c.proof.SResponse.Big()),
	}
	for i, response := range c.proof.MUserResponses {
		out = append(out, k.power(base(i), response.Big()))
	}
	return out
}
