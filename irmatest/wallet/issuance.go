package wallet

import (
	"context"
	"fmt"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
)

// receipt is a credential that is being issued.
type receipt struct {
	issuerKey
	request *irma.CredentialRequest
	builder *gabi.CredentialBuilder
}

// issue answers an issuance request and stores the credentials: all of them, or
// none when one is not correct.
func (s *session) issue(ctx context.Context, chosen []Option) (*irma.ServerSessionResponse, error) {
	nonce2, err := gabi.GenerateNonce()
	if err != nil {
		return nil, fmt.Errorf("making nonce: %w", err)
	}
	receipts, err := s.receipts(nonce2)
	if err != nil {
		return nil, err
	}
	p := arrange(chosen)
	prover, err := s.prover(p)
	if err != nil {
		return nil, err
	}
	for _, r := range receipts {
		prover.add(r.typ.ID.Scheme(), r.builder)
	}
	proofs, statements, err := prover.separate(gabiInt(s.request.Context), gabiInt(s.request.Nonce))
	if err != nil {
		return nil, err
	}
	body := irma.IssueCommitment{Nonce2: irmaInt(nonce2), Proofs: proofs, Indices: p.indices, ProofPJWTs: statements}
	answer, err := s.post(ctx, exchange{step: StepCommitments, path: "/commitments", body: body})
	if err != nil {
		return nil, err
	}
	return answer, s.store(receipts, answer.Signatures)
}

// receipts commits to the secret key, once per requested credential.
func (s *session) receipts(nonce2 *big.Int) ([]*receipt, error) {
	var out []*receipt
	for i := range s.request.Credentials {
		req := &s.request.Credentials[i]
		key, err := s.wallet.lookup(s.wallet.schemes.CredentialType(req.CredentialTypeID), req.KeyCounter)
		if err != nil {
			return nil, err
		}
		part, err := s.wallet.keyshareP(req.CredentialTypeID.Scheme(), key.pk)
		if err != nil {
			return nil, err
		}
		builder, err := gabi.NewCredentialBuilder(key.pk, gabiInt(s.request.Context), s.secret, nonce2, part, blinds(key))
		if err != nil {
			return nil, fmt.Errorf("committing to %s: %w", req.CredentialTypeID, err)
		}
		out = append(out, &receipt{issuerKey: *key, request: req, builder: builder})
	}
	return out, nil
}

// blinds returns the randomblind attributes, counted from the metadata
// attribute on.
func blinds(key *issuerKey) []int {
	var out []int
	for _, position := range key.typ.RandomblindPositions() {
		out = append(out, position+firstAttribute-1)
	}
	return out
}

// store completes the credentials and adds them to the wallet.
func (s *session) store(receipts []*receipt, signatures []irma.IssueSignature) error {
	if len(signatures) != len(receipts) {
		return fmt.Errorf("%w: %d signatures for %d credentials", ErrBadAnswer, len(signatures), len(receipts))
	}
	var creds []*credential
	for i, r := range receipts {
		cred, err := r.complete(&signatures[i], s.wallet.cfg.Now())
		if err != nil {
			return fmt.Errorf("%w: receiving %s: %w", ErrBadAnswer, r.typ.ID, err)
		}
		creds = append(creds, cred)
	}
	if err := s.wallet.add(s.secret, creds); err != nil {
		return err
	}
	for _, cred := range creds {
		s.outcome.Issued = append(s.outcome.Issued, cred.view())
	}
	return nil
}
