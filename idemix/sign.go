package idemix

import (
	"errors"
	"fmt"
	"slices"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// signer makes Camenisch-Lysyanskaya signatures with one key (spec 13 §4).
type signer struct {
	private *gabikeys.PrivateKey
	public  *gabikeys.PublicKey
	context *big.Int
}

var (
	errKeyPair   = errors.New("private and public key do not belong together")
	errSignature = errors.New("the signature does not verify")
)

// sign signs the commitment u together with the attributes for the indices from
// 1 on. The attributes at the randomblind positions are nil; the issuer draws
// its share of them.
func (s *signer) sign(u *big.Int, attributes []*big.Int, nonce2 *big.Int, randomblind []int) (*irma.IssueSignature, error) {
	if s.private.N.Cmp(s.public.N) != 0 {
		return nil, errKeyPair
	}
	blind := make([]int, len(randomblind))
	for i, position := range randomblind {
		blind[i] = position + 1 // in attributes, where the metadata is first
	}
	made, err := gabi.NewIssuer(s.private, s.public, s.context).IssueSignature(u, attributes, nil, nonce2, blind)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	if !s.correct(made, u, attributes) {
		return nil, errSignature
	}
	return toIssueSignature(made), nil
}

// correct reports whether A^e · S^v · U · ∏ R_i^{m_i} = Z. A signature that went
// wrong is of no use to the wallet and may give away the private key, so it
// never leaves the server.
func (s *signer) correct(made *gabi.IssueSignatureMessage, u *big.Int, attributes []*big.Int) bool {
	exponents := append([]*big.Int{big.NewInt(0)}, attributes...) // the secret key is inside U
	for i, share := range made.MIssuer {
		exponents[i] = share
	}
	if slices.Contains(exponents, nil) {
		return false
	}
	product, err := gabi.RepresentToPublicKey(s.public, exponents)
	if err != nil {
		return false
	}
	n, signature := s.public.N, made.Signature
	for _, factor := range []*big.Int{
		u,
		new(big.Int).Exp(signature.A, signature.E, n),
		new(big.Int).Exp(s.public.S, signature.V, n),
	} {
		product.Mul(product, factor).Mod(product, n)
	}
	return product.Cmp(s.public.Z) == 0
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
