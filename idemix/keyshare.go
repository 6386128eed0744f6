package idemix

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/keyshare"
)

// group labels the schemes among which a wallet has one secret key: each scheme
// with a keyshare server by itself, all others together.
func (m *message) group(id irma.SchemeID) irma.SchemeID {
	if s := m.set.Scheme(id); s != nil && !s.Distributed() {
		return ""
	}
	return id
}

// mergeKeyshares completes the proofs of issuance sessions in schemes with a
// keyshare server. There the wallet's proofs hold only its own part of the
// secret key; the server's part comes in a JWT per scheme. In other sessions
// wallets send complete proofs. The wallet's message stays as it was.
func (m *message) mergeKeyshares(shown []*presentation, commitments []*commitment, now time.Time) error {
	if len(m.credentials) == 0 {
		return nil
	}
	parts := keyshareParts{message: m, now: now}
	for i, p := range shown {
		part, err := parts.of(p.typ.ID.Scheme())
		if err == nil && part != nil {
			err = p.merge(part)
		}
		if err != nil {
			return inProof(i, err)
		}
	}
	for i, c := range commitments {
		part, err := parts.of(c.typ.ID.Scheme())
		if err == nil && part != nil {
			err = c.merge(part)
		}
		if err != nil {
			return inProof(len(m.proofs)-len(commitments)+i, err)
		}
	}
	return nil
}

// keyshareParts reads the JWT of every scheme once, when a proof first needs it.
// A JWT that no proof needs is not looked at: wallets also ask the keyshare
// servers of what the request offers as an alternative.
type keyshareParts struct {
	message *message
	now     time.Time
	read    map[irma.SchemeID]*irma.ProofP
}

// of returns what the scheme's keyshare server adds, or nil if the scheme has no
// such server.
func (k *keyshareParts) of(id irma.SchemeID) (*irma.ProofP, error) {
	if k.message.group(id) == "" {
		return nil, nil
	}
	if part := k.read[id]; part != nil {
		return part, nil
	}
	token, ok := k.message.jwts[string(id)]
	if !ok {
		return nil, irma.ErrKeyshareProofMissing.Withf("no keyshare proof included for scheme %s", id)
	}
	part, err := keyshare.Verify(k.message.set.Scheme(id), token, k.now)
	if err != nil {
		return nil, refusedKeyshare(id, err)
	}
	if k.read == nil {
		k.read = map[irma.SchemeID]*irma.ProofP{}
	}
	k.read[id] = part
	return part, nil
}

func refusedKeyshare(id irma.SchemeID, err error) error {
	refused := irma.ErrKeyshareProofMissing.Withf("keyshare proof for scheme %s: %s", id, err)
	if errors.Is(err, keyshare.ErrUnknownKey) {
		return fmt.Errorf("%w: %w", refused, ErrUnknown)
	}
	return refused
}

// merge adds the keyshare server's part to the secret key of a credential.
func (p *presentation) merge(part *irma.ProofP) error {
	if err := answersSame(part, p.proof.C); err != nil {
		return err
	}
	merged := *p.proof
	merged.AResponses = maps.Clone(p.proof.AResponses)
	merged.AResponses[secretIndex] = joinResponses(part, p.proof.AResponses[secretIndex])
	p.proof = &merged
	return p.checkRanges()
}

// merge makes the commitment one to both parts of the secret key. That is what
// is verified, and signed.
func (c *commitment) merge(part *irma.ProofP) error {
	if err := answersSame(part, c.proof.C); err != nil {
		return err
	}
	merged := *c.proof
	merged.SResponse = joinResponses(part, c.proof.SResponse)
	if part.P != nil {
		n := modulus(c.key)
		inverse, err := inverted("P of the keyshare proof", part.P, n)
		if err != nil {
			return err
		}
		c.inverse = inverse.Mul(inverse, c.inverse).Mod(inverse, n)
		u := new(big.Int).Mul(c.proof.U.Big(), part.P.Big())
		merged.U = (*irma.Int)(u.Mod(u, n))
	}
	c.proof = &merged
	return c.checkRanges()
}

// answersSame checks that the keyshare server answered the challenge of the
// proof, so that its part was made for this session.
func answersSame(part *irma.ProofP, c *irma.Int) error {
	if !part.C.Equal(c) {
		return violated("the keyshare proof is for another challenge")
	}
	return nil
}

// joinResponses returns the response for the whole secret key: the sum of both
// responses, or in protocol 2.9, where the keyshare proof has no P, that of the
// keyshare server alone, which included the wallet's part itself.
func joinResponses(part *irma.ProofP, wallet *irma.Int) *irma.Int {
	if part.P == nil {
		return part.SResponse
	}
	return (*irma.Int)(new(big.Int).Add(wallet.Big(), part.SResponse.Big()))
}
