package idemix

import (
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi/big"
)

// Issue signs the credentials that req offers, bound to the commitments in m.
// It returns one signature per credential, in the order of the request. Call it
// after VerifyCommitments said VALID for the same arguments: Issue itself checks
// the shape of the commitments but not that they are proven.
//
// The signing date is the week of now, so now should be the moment of the call:
// wallets compute the same date with their own clocks.
//
// The error is ErrIssuanceFailed when the server cannot sign what was asked for,
// ErrInvalidProofs when a commitment has the wrong shape, and otherwise as for
// VerifyCommitments. Either all credentials are signed or
// none is returned.
func Issue(set *scheme.Set, req *irma.SessionRequest, m *irma.IssueCommitment, now time.Time) ([]irma.IssueSignature, error) {
	return new(Engine).Issue(set, req, m, now)
}

// Issuance is what a wallet has proven to be due to it. ProveIssuance of an Engine
// makes it.
type Issuance struct {
	message *message
	nonce2  *irma.Int
}

// Issue is the function Issue for what has been proven, so that the wallet's message
// is not read and checked again. The set, the request and the message must not have
// been changed since.
func (i *Issuance) Issue(now time.Time) ([]irma.IssueSignature, error) {
	m := i.message
	defer m.engine.busy()()
	return m.signAll(m.commitments, i.nonce2, now)
}

// issueAll checks the commitments and signs all credentials, or none.
func (m *message) issueAll(nonce2 *irma.Int, now time.Time) ([]irma.IssueSignature, error) {
	commitments, err := m.openToSign(nonce2, now)
	if err != nil {
		return nil, err
	}
	return m.signAll(commitments, nonce2, now)
}

func (m *message) signAll(commitments []*commitment, nonce2 *irma.Int, now time.Time) ([]irma.IssueSignature, error) {
	out := make([]irma.IssueSignature, 0, len(commitments))
	for i, c := range commitments {
		signature, err := m.issue(c, nonce2, now)
		if err != nil {
			return nil, irma.ErrIssuanceFailed.Withf("credential %d, %s: %s", i, c.typ.ID, err)
		}
		out = append(out, *signature)
	}
	return out, nil
}

// openToSign applies the rules on commitments once more, so that nothing with
// the wrong shape is ever signed, and nothing without the part of the keyshare
// server.
func (m *message) openToSign(nonce2 *irma.Int, now time.Time) ([]*commitment, error) {
	commitments, err := m.openCommitments()
	if err == nil {
		err = checkNonce2(nonce2)
	}
	if err == nil {
		err = m.mergeKeyshares(nil, commitments, now)
	}
	if err != nil && irma.AsError(err) == nil {
		return nil, irma.ErrInvalidProofs.With(err.Error())
	}
	return commitments, err
}

// issue signs one credential.
func (m *message) issue(c *commitment, nonce2 *irma.Int, now time.Time) (*irma.IssueSignature, error) {
	if err := c.checkIssuable(); err != nil {
		return nil, err
	}
	attributes, err := c.attributes(now)
	if err != nil {
		return nil, err
	}
	private, err := m.set.PrivateKey(c.typ.ID.Issuer(), c.request.KeyCounter)
	if err != nil {
		return nil, err
	}
	s := &signer{engine: m.engine, private: private, public: c.key, context: copyToGabi(m.statement.context)}
	return s.sign(toGabi(c.proof.U), attributes, toGabi(nonce2), c.typ.RandomblindPositions())
}

// checkIssuable refuses what a signature would not honour. Revocable credentials
// need a witness, which this server cannot make yet; a wallet that was promised
// one refuses the credential.
func (c *commitment) checkIssuable() error {
	if c.request.RevocationKey != "" || c.request.RevocationSupported {
		return fmt.Errorf("issuing revocable credentials is not supported by this server")
	}
	if last := len(c.typ.Attributes) + 1; last >= len(c.key.R) {
		return fmt.Errorf("key %d has %d bases, the credential type needs %d", c.key.Counter, len(c.key.R), last+1)
	}
	for name := range c.request.Attributes {
		if _, ok := c.typ.AttributePosition(name); !ok {
			return fmt.Errorf("unknown attribute %q", name)
		}
	}
	return nil
}

// attributes returns what is signed for the indices from 1 on: the metadata and
// the values of the request. Randomblind attributes are nil.
func (c *commitment) attributes(now time.Time) ([]*big.Int, error) {
	metadata, err := irma.NewMetadata(c.typ.ID, c.request.KeyCounter, now, c.request.Validity.Time())
	if err != nil {
		return nil, err
	}
	out := []*big.Int{toGabi(metadata.Int())}
	for _, typ := range c.typ.Attributes {
		value, err := c.attribute(typ)
		if err != nil {
			return nil, err
		}
		out = append(out, value)
	}
	return out, nil
}

func (c *commitment) attribute(typ scheme.AttributeType) (*big.Int, error) {
	value, ok := c.request.Attributes[typ.ID]
	switch special := typ.Randomblind || typ.Revocation; {
	case special && ok:
		return nil, fmt.Errorf("attribute %q cannot be given a value", typ.ID)
	case typ.Randomblind:
		return nil, nil
	case !ok && !special && !typ.Optional:
		return nil, fmt.Errorf("attribute %q has no value", typ.ID)
	case !ok:
		return toGabi(irma.EncodeAttribute(nil)), nil
	}
	return toGabi(irma.EncodeAttribute(&value)), nil
}
