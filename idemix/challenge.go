package idemix

import (
	"crypto/sha256"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// statement is what a list of proofs is bound to.
type statement struct {
	context *big.Int
	nonce   *big.Int
	issig   bool // the proofs are an attribute-based signature
}

// contributor is a proof whose commitments enter the challenge.
type contributor interface {
	// contributions recomputes the commitments from the responses
	// (spec 12 §2). It is called after the shape of the proof was checked.
	contributions(e *Engine) ([]*big.Int, error)
}

// challenge computes c = H([context, contributions…, nonce], issig). All
// expensive arithmetic of verification happens here.
func (s statement) challenge(e *Engine, proofs []contributor) (*big.Int, error) {
	values := []*big.Int{s.context}
	for i, proof := range proofs {
		part, err := proof.contributions(e)
		if err != nil {
			return nil, fmt.Errorf("computing commitments of proof %d: %w", i, err)
		}
		values = append(values, part...)
	}
	return hashCommit(append(values, s.nonce), s.issig)
}

// checkChallenge checks that the proofs answer the challenge that follows from
// them. An empty list proves nothing and is correct.
func (m *message) checkChallenge(shown []*presentation, commitments []*commitment) error {
	if len(m.proofs) == 0 {
		return nil
	}
	list := make([]contributor, 0, len(m.proofs))
	for _, p := range shown {
		list = append(list, p)
	}
	for _, c := range commitments {
		list = append(list, c)
	}
	c, err := m.statement.challenge(m.engine, list)
	if err != nil {
		return violated("%s", err)
	}
	if c.Cmp(challengeOf(m.proofs[0])) != 0 {
		return violated("the proofs do not match the request's nonce and their own contents")
	}
	return nil
}

// hashCommit is the SHA-256 digest of the DER encoding of the sequence of
// values, preceded by their number and, for attribute-based signatures, by
// TRUE.
func hashCommit(values []*big.Int, issig bool) (*big.Int, error) {
	var der cryptobyte.Builder
	der.AddASN1(asn1.SEQUENCE, func(der *cryptobyte.Builder) {
		if issig {
			der.AddASN1Boolean(true)
		}
		der.AddASN1Int64(int64(len(values)))
		for _, value := range values {
			der.AddASN1BigInt(value)
		}
	})
	encoded, err := der.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encoding the challenge's input: %w", err)
	}
	digest := sha256.Sum256(encoded)
	return new(big.Int).SetBytes(digest[:]), nil
}
