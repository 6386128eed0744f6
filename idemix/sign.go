package idemix

import (
	"crypto/rand"
	"errors"
	"fmt"
	stdbig "math/big"

	"github.com/irmad/irmaserver/idemix/internal/modexp"
	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// signer makes Camenisch-Lysyanskaya signatures with one key (spec 13 §4).
type signer struct {
	engine  *Engine
	private *gabikeys.PrivateKey
	public  *gabikeys.PublicKey
	context *big.Int
}

var (
	errKeyPair   = errors.New("private and public key do not belong together")
	errSignature = errors.New("the signature does not verify")
)

// shareBits is the length of the issuer's share of a randomblind attribute.
const shareBits = 255

// sign signs the commitment u together with the attributes for the indices from
// 1 on. The attributes at the randomblind positions are nil; the issuer draws
// its share of them.
func (s *signer) sign(u *big.Int, attributes []*big.Int, nonce2 *big.Int, randomblind []int) (*irma.IssueSignature, error) {
	if s.private.N.Cmp(s.public.N) != 0 {
		return nil, errKeyPair
	}
	made, err := s.make(u, attributes, nonce2, randomblind)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return toIssueSignature(made), nil
}

// make makes a signature (A, e, v) and the proof that A was made properly.
func (s *signer) make(u *big.Int, attributes []*big.Int, nonce2 *big.Int, randomblind []int) (*gabi.IssueSignatureMessage, error) {
	shares, err := drawShares(randomblind)
	if err != nil {
		return nil, err
	}
	v, err := s.drawV()
	if err != nil {
		return nil, err
	}
	e, err := s.engine.prime(s.public.Params)
	if err != nil {
		return nil, err
	}
	divisor, err := s.divisor(u, attributes, shares, v)
	if err != nil {
		return nil, err
	}
	made := &gabi.IssueSignatureMessage{MIssuer: shares}
	made.Signature = &gabi.CLSignature{E: big.Convert(e), V: big.Convert(v)}
	if err := s.root(made, divisor, nonce2.Go()); err != nil {
		return nil, err
	}
	if !s.correct(made.Signature, divisor) {
		return nil, errSignature
	}
	return made, nil
}

// drawShares draws the issuer's shares of the randomblind attributes, by index.
func drawShares(randomblind []int) (map[int]*big.Int, error) {
	out := make(map[int]*big.Int, len(randomblind))
	for _, position := range randomblind {
		share, err := rand.Int(rand.Reader, new(stdbig.Int).Lsh(one, shareBits))
		if err != nil {
			return nil, fmt.Errorf("drawing a randomblind attribute: %w", err)
		}
		out[position+firstIndex] = big.Convert(share)
	}
	return out, nil
}

// drawV draws a number of exactly Lv bits.
func (s *signer) drawV() (*stdbig.Int, error) {
	top := new(stdbig.Int).Lsh(one, s.public.Params.Lv-1)
	v, err := rand.Int(rand.Reader, top)
	if err != nil {
		return nil, fmt.Errorf("drawing v: %w", err)
	}
	return v.Add(v, top), nil
}

// divisor returns U · S^v · ∏ R_i^{m_i}, by which Z is divided to get what A is a
// root of.
func (s *signer) divisor(u *big.Int, attributes []*big.Int, shares map[int]*big.Int, v *stdbig.Int) (*stdbig.Int, error) {
	k, err := s.engine.group(s.public)
	if err != nil {
		return nil, err
	}
	powers, ok := s.powers(k, u, attributes, shares, v)
	if !ok {
		return nil, errSignature
	}
	return k.modulus.Product(powers...)
}

// quotient returns Q = Z / divisor.
func (s *signer) quotient(divisor *stdbig.Int) (*stdbig.Int, error) {
	out := new(stdbig.Int).ModInverse(divisor, s.public.N.Go())
	if out == nil {
		return nil, errNotInvertible
	}
	return out.Mul(out, s.public.Z.Go()).Mod(out, s.public.N.Go()), nil
}

// powers returns the factors of U · S^v · ∏ R_i^{m_i}. It reports whether every
// attribute has a value, either in the list or as a share, and a base.
func (s *signer) powers(k *keyTables, u *big.Int, attributes []*big.Int, shares map[int]*big.Int, v *stdbig.Int) ([]modexp.Power, bool) {
	out := []modexp.Power{{Base: u.Go(), Exponent: one}, k.power(baseS, v)}
	for i, value := range attributes {
		index := i + metadataIndex
		if share, ok := shares[index]; ok {
			value = share
		}
		if value == nil || index >= len(s.public.R) {
			return nil, false
		}
		out = append(out, k.power(base(index), attributeExponent((*irma.Int)(value.Go()), s.public.Params.Lm)))
	}
	return out, true
}

// root sets A = Q^(1/e), and the proof that it is a power of Q: c and
// r - c/e for a random r, where c is the digest of T = Q^r and the rest.
func (s *signer) root(made *gabi.IssueSignatureMessage, divisor, nonce2 *stdbig.Int) error {
	q, err := s.quotient(divisor)
	if err != nil {
		return err
	}
	f, err := s.factors()
	if err != nil {
		return err
	}
	d, err := f.inverse(made.Signature.E.Go())
	if err != nil {
		return err
	}
	r, err := f.random()
	if err != nil {
		return err
	}
	a, t := f.exp(q, d, r)
	c, err := hashCommit([]*stdbig.Int{s.context.Go(), q, a, nonce2, t}, false)
	if err != nil {
		return err
	}
	response := d.Mul(d, c).Sub(r, d)
	made.Signature.A = big.Convert(a)
	made.Proof = &gabi.ProofS{C: big.Convert(c), EResponse: big.Convert(response.Mod(response, f.order))}
	return nil
}

// factors returns the arithmetic of the private key.
func (s *signer) factors() (*factors, error) {
	k, err := s.engine.group(s.public)
	if err != nil {
		return nil, err
	}
	return k.factorsOf(s.private, s.engine.using())
}

// correct reports whether A^e · divisor = Z. An A that went wrong may give away the
// private key, so it never leaves the server.
func (s *signer) correct(signature *gabi.CLSignature, divisor *stdbig.Int) bool {
	k, err := s.engine.group(s.public)
	if err != nil {
		return false
	}
	product, err := k.modulus.Product(
		modexp.Power{Base: signature.A.Go(), Exponent: signature.E.Go()},
		modexp.Power{Base: divisor, Exponent: one},
	)
	return err == nil && product.Cmp(s.public.Z.Go()) == 0
}

func toIssueSignature(made *gabi.IssueSignatureMessage) *irma.IssueSignature {
	out := &irma.IssueSignature{
		Proof: irma.ProofS{C: fromGabi(made.Proof.C), EResponse: fromGabi(made.Proof.EResponse)},
		Signature: irma.CLSignature{
			A: fromGabi(made.Signature.A),
			E: fromGabi(made.Signature.E),
			V: fromGabi(made.Signature.V),
		},
	}
	for i, share := range made.MIssuer {
		if out.MIssuer == nil {
			out.MIssuer = make(map[int]*irma.Int, len(made.MIssuer))
		}
		out.MIssuer[i] = fromGabi(share)
	}
	return out
}
