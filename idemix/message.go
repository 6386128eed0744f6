package idemix

import (
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// message is what a wallet sent, in the terms that all kinds of session share.
type message struct {
	engine      *Engine // nil is a zero Engine
	set         *scheme.Set
	request     *irma.SessionRequest
	proofs      irma.ProofList
	indices     irma.DisclosedIndices
	jwts        map[string]string        // of keyshare servers, by scheme
	credentials []irma.CredentialRequest // to be issued
	statement   statement
	unknownKey  *irma.Error // what an unknown type or key amounts to

	commitments []*commitment // once they have been checked, with the keyshare servers' parts
}

func newMessage(set *scheme.Set, req *irma.SessionRequest, proofs irma.ProofList, indices irma.DisclosedIndices) *message {
	return &message{
		set: set, request: req, proofs: proofs, indices: indices,
		statement: statement{context: or(req.Context, 1), nonce: or(req.Nonce, 0)},
	}
}

func newCommitmentMessage(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment) (*message, error) {
	if m == nil {
		return nil, irma.ErrMalformedInput.With("Missing commitments")
	}
	msg := newMessage(set, req, m.Proofs, m.Indices)
	msg.jwts = m.ProofPJWTs
	msg.credentials = req.Credentials
	msg.unknownKey = irma.ErrMalformedInput
	return msg, msg.checkCommitmentKinds()
}

// or returns the value of i, or the default when i is absent.
func or(i *irma.Int, otherwise int64) *big.Int {
	if i == nil {
		return big.NewInt(otherwise)
	}
	return new(big.Int).Set(i.Big())
}

// open finds the type and key of every proof and checks its shape.
func (m *message) open() ([]*presentation, []*commitment, error) {
	if err := m.checkKinds(); err != nil {
		return nil, nil, err
	}
	shown := make([]*presentation, 0, len(m.proofs))
	for i, proof := range m.proofs[:len(m.proofs)-len(m.credentials)] {
		p, err := m.openD(proof.D)
		if err != nil {
			return nil, nil, inProof(i, err)
		}
		shown = append(shown, p)
	}
	commitments, err := m.openCommitments()
	return shown, commitments, err
}

// openCommitments is open for the last proofs, those of the credentials to be
// issued.
func (m *message) openCommitments() ([]*commitment, error) {
	first := len(m.proofs) - len(m.credentials)
	commitments := make([]*commitment, 0, len(m.credentials))
	for i, cred := range m.credentials {
		c, err := m.openU(m.proofs[first+i].U, cred)
		if err != nil {
			return nil, inProof(first+i, err)
		}
		commitments = append(commitments, c)
	}
	return commitments, nil
}

// inProof tells which proof broke a rule. Errors that are no violation stay as
// the catalogue has them.
func inProof(i int, err error) error {
	if irma.AsError(err) != nil {
		return err
	}
	return fmt.Errorf("proof %d: %w", i, err)
}
