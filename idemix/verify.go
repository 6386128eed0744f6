package idemix

import (
	"errors"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Verdict is the judgement on a wallet's message.
type Verdict struct {
	// Status is VALID, INVALID, MISSING_ATTRIBUTES or EXPIRED; the first that
	// applies in the order INVALID, MISSING_ATTRIBUTES, EXPIRED. For signatures
	// UNMATCHED_REQUEST and INVALID_TIMESTAMP come before these.
	Status irma.ProofStatus

	// Disclosed holds a list per disjunction of the request, in its order: empty
	// for an optional one that was skipped, nil for an unsatisfied one. A last
	// list has the attributes that were disclosed without being asked for, if
	// any; only that list is there when the wallet did not point to attributes
	// for every disjunction. It is nil when the status is INVALID,
	// UNMATCHED_REQUEST or INVALID_TIMESTAMP.
	Disclosed [][]*irma.DisclosedAttribute

	// Reason tells for logs why Disclosed is withheld. It holds no attribute
	// values and is not meant for the wallet.
	Reason string
}

// VerifyDisclosure judges d as an answer to req at the moment now. It uses the
// request's Disclose, SkipExpiryCheck, Revocation, Context and Nonce.
//
// The error is ErrUnknownPublicKey when a proof names a credential type or key
// that the set does not have.
func VerifyDisclosure(set *scheme.Set, req *irma.SessionRequest, d *irma.Disclosure, now time.Time) (*Verdict, error) {
	return new(Engine).VerifyDisclosure(set, req, d, now)
}

// VerifyCommitments judges m as an answer to the issuance request req at the
// moment now: the disclosure proofs as VerifyDisclosure does, and the
// commitments to the credentials that are to be issued.
//
// The error is ErrMalformedInput when the last proofs are not one commitment
// per requested credential or when a credential type or key is unknown, and
// ErrKeyshareProofMissing when a credential belongs to a scheme with a keyshare
// server and m has no statement of that server as keyshare.Verify demands it. One
// that does not fit the proofs makes them INVALID.
func VerifyCommitments(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment, now time.Time) (*Verdict, error) {
	return new(Engine).VerifyCommitments(set, req, m, now)
}

// judge comes to a verdict. The attributes are only looked at after the proofs
// have been found correct.
func (m *message) judge(now time.Time) (*Verdict, error) {
	shown, err := m.check(now)
	if err != nil {
		return invalid(err)
	}
	disclosed, satisfied := match(m.request.Disclose, m.indices, shown)
	verdict := &Verdict{Status: irma.ProofValid, Disclosed: disclosed}
	switch {
	case !satisfied:
		verdict.Status = irma.ProofMissingAttributes
	case anyExpired(shown, m.request.SkipExpiryCheck, now):
		verdict.Status = irma.ProofExpired
	}
	return verdict, nil
}

// invalid makes a violation into a verdict; other errors are returned.
func invalid(err error) (*Verdict, error) {
	var broken *violation
	if !errors.As(err, &broken) {
		return nil, err
	}
	return &Verdict{Status: irma.ProofInvalid, Reason: err.Error()}, nil
}

// check applies everything that makes the proofs correct by themselves, the
// cheap before the expensive. It returns the disclosure proofs.
func (m *message) check(now time.Time) ([]*presentation, error) {
	shown, commitments, err := m.open()
	if err != nil {
		return nil, err
	}
	if err := m.mergeKeyshares(shown, commitments, now); err != nil {
		return nil, err
	}
	if err := m.checkLinked(shown, commitments); err != nil {
		return nil, err
	}
	if err := checkPointers(m.request.Disclose, m.indices, len(shown)); err != nil {
		return nil, err
	}
	m.commitments = commitments
	return shown, m.checkChallenge(shown, commitments)
}
