package idemix

import (
	"math/big"

	"github.com/irmad/irmaserver/irma"
)

// checkLinked applies the rules on what the proofs of one message have to do
// with each other.
func (m *message) checkLinked(shown []*presentation, commitments []*commitment) error {
	return inOrder(
		m.checkSameChallenge,
		func() error { return m.checkSameSecret(shown, commitments) },
		func() error { return checkSingletons(shown) },
		func() error { return m.checkNonRevocation(shown) },
	)
}

// checkSameChallenge checks that all proofs answer one challenge.
func (m *message) checkSameChallenge() error {
	for i, proof := range m.proofs {
		if challengeOf(proof).Cmp(challengeOf(m.proofs[0])) != 0 {
			return violated("proof %d: c differs from that of the first proof", i)
		}
	}
	return nil
}

func challengeOf(proof irma.Proof) *big.Int {
	if proof.D != nil {
		return proof.D.C.Big()
	}
	return proof.U.C.Big()
}

// checkSameSecret checks that all credentials belong to one wallet: equal
// responses to one challenge prove equal secret keys.
func (m *message) checkSameSecret(shown []*presentation, commitments []*commitment) error {
	responses := make(map[irma.SchemeID]*irma.Int)
	same := func(id irma.SchemeID, response *irma.Int) error {
		label := m.group(id)
		known, ok := responses[label]
		if ok && known.Big().Cmp(response.Big()) != 0 {
			return violated("the proofs are about different secret keys")
		}
		responses[label] = response
		return nil
	}
	for _, p := range shown {
		if err := same(p.typ.ID.Scheme(), p.proof.AResponses[secretIndex]); err != nil {
			return err
		}
	}
	for _, c := range commitments {
		if err := same(c.typ.ID.Scheme(), c.proof.SResponse); err != nil {
			return err
		}
	}
	return nil
}

// checkSingletons checks that a credential type of which wallets hold one
// instance occurs once at most.
func checkSingletons(shown []*presentation) error {
	seen := make(map[irma.CredentialTypeID]bool)
	for _, p := range shown {
		if p.typ.Singleton && seen[p.typ.ID] {
			return violated("singleton %s occurs twice", p.typ.ID)
		}
		seen[p.typ.ID] = true
	}
	return nil
}

// checkNonRevocation checks that no proof lacks the non-revocation proof that
// the request demands for its type.
func (m *message) checkNonRevocation(shown []*presentation) error {
	for i, p := range shown {
		if _, ok := m.request.Revocation[p.typ.ID]; ok && p.proof.NonRev == nil {
			return violated("proof %d: no non-revocation proof for %s", i, p.typ.ID)
		}
	}
	return nil
}
