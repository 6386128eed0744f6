package idemix

import (
	"crypto/sha256"
	"math/big"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// ReadSignature does what can be decided about an attribute-based signature
// without verifying it. With a request, the signature must be over its message,
// nonce and context, or the verdict is UNMATCHED_REQUEST. With nil any signature
// is read.
//
// Either the verdict is returned, and final, or there is none and the returned
// Stamp is what the signature's timestamp must prove; it is nil if the signature
// has no timestamp. Check the timestamp next, with verdict INVALID_TIMESTAMP if
// it does not hold, and then call VerifySignature with the same arguments.
//
// The error is ErrMalformedInput when the message is of no known version, and
// ErrUnknownPublicKey as for VerifyDisclosure.
func ReadSignature(set *scheme.Set, req *irma.SessionRequest, msg *irma.SignedMessage) (*Stamp, *Verdict, error) {
	m, verdict, err := newSignature(set, req, msg)
	if err != nil || verdict != nil {
		return nil, verdict, err
	}
	shown, _, err := m.open()
	if err != nil {
		verdict, err = invalid(err)
		return nil, verdict, err
	}
	if msg.Timestamp == nil {
		return nil, nil, nil
	}
	stamp, err := m.stamp(msg, shown)
	if err != nil {
		return nil, &Verdict{Status: irma.ProofInvalidTimestamp, Reason: err.Error()}, nil
	}
	return stamp, nil, nil
}

// VerifySignature judges an attribute-based signature, except for its timestamp:
// that must have been checked before, see ReadSignature. Expiry is judged at the
// moment at, which is the time of the timestamp, or now for a signature without
// one.
//
// With a request the signature must answer that request in all respects. With
// nil it is judged by itself, and all attributes are reported as extra ones.
// Errors are as for ReadSignature.
func VerifySignature(set *scheme.Set, req *irma.SessionRequest, msg *irma.SignedMessage, at time.Time) (*Verdict, error) {
	return new(Engine).VerifySignature(set, req, msg, at)
}

// VerifySignature is the function of the same name.
func (e *Engine) VerifySignature(set *scheme.Set, req *irma.SessionRequest, msg *irma.SignedMessage, at time.Time) (*Verdict, error) {
	m, verdict, err := newSignature(set, req, msg)
	if err != nil || verdict != nil {
		return verdict, err
	}
	defer e.busy()()
	m.engine = e
	return m.judge(at)
}

// newSignature prepares the judgement of a signature. If it returns a verdict,
// that is the judgement.
func newSignature(set *scheme.Set, req *irma.SessionRequest, msg *irma.SignedMessage) (*message, *Verdict, error) {
	if msg == nil {
		return nil, nil, irma.ErrMalformedInput.With("Missing signature")
	}
	if msg.LDContext != "" && msg.LDContext != irma.ContextSignature {
		return nil, nil, irma.ErrMalformedInput.Withf("Unknown kind of signature: @context must be %s, or absent in version 1", irma.ContextSignature)
	}
	if len(msg.Signature) == 0 {
		return nil, &Verdict{Status: irma.ProofInvalid, Reason: "a signature has at least one proof"}, nil
	}
	if req == nil {
		req = &irma.SessionRequest{}
	} else if !answers(msg, req) {
		return nil, &Verdict{Status: irma.ProofUnmatchedRequest, Reason: "context, nonce or message differ from the request's"}, nil
	}
	nonce, err := messageNonce(msg)
	if err != nil {
		return nil, nil, err
	}
	m := newMessage(set, req, msg.Signature, msg.Indices)
	m.unknownKey = irma.ErrUnknownPublicKey
	m.statement = statement{context: or(msg.Context, 1), nonce: nonce, issig: true}
	return m, nil, nil
}

// answers reports whether the signature was made for the request. Comparing the
// nonces and messages is the same as comparing the nonces that are derived from
// them (spec 12 §10.2).
func answers(msg *irma.SignedMessage, req *irma.SessionRequest) bool {
	return msg.Message == req.Message &&
		or(msg.Context, 1).Cmp(or(req.Context, 1)) == 0 &&
		or(msg.Nonce, 0).Cmp(or(req.Nonce, 0)) == 0
}

// messageNonce returns the nonce of a signature's proofs. It binds them to the
// message, and to the timestamp if there is one (spec 12 §10.1).
func messageNonce(msg *irma.SignedMessage) (*big.Int, error) {
	message := sha256.Sum256([]byte(msg.Message))
	bound := struct{ Nonce, Message *big.Int }{or(msg.Nonce, 0), new(big.Int).SetBytes(message[:])}
	var content any = bound
	if msg.Timestamp != nil {
		content = struct {
			Nonce, Message *big.Int
			Timestamp      []byte
		}{bound.Nonce, bound.Message, msg.Timestamp.Sig.Data}
	}
	digest, err := digestDER(content)
	if err != nil {
		return nil, err
	}
	return new(big.Int).SetBytes(digest), nil
}
