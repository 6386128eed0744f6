package irmaserver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/timestamp"
)

// clockSkew is how far clocks of timestamp servers may be off ours.
const clockSkew = 5 * time.Minute

// SignatureResult is what a signature proves.
type SignatureResult struct {
	Status    irma.ProofStatus             // only irma.ProofValid makes the rest true
	Message   string                       // what was signed
	Disclosed [][]*irma.DisclosedAttribute // by whom: attributes of the signer
	Time      irma.Timestamp               // when, by its timestamp server; zero without a timestamp
}

// VerifySignature verifies an attribute-based signature, also one made long
// ago: whether the attributes had expired is judged at the time of its
// timestamp, or now if it has none. Signatures without a timestamp are accepted;
// who keeps them should look at Time. Read stored signatures with
// irma.ParseSignedMessage.
//
// With a request, the signature must also answer that request: be over its
// message, with the attributes it asks for, and with its nonce if it has one. A
// request as given to StartSession has none, since the server chooses it. A nil
// request checks the signature alone, and all attributes count as extra ones.
//
// A signature that does not verify has another Status than irma.ProofValid. The
// error says that it could not be judged: it is an *irma.Error if its form or
// the keys it refers to are unknown, and otherwise about this server or the
// timestamp server, which may be asked again.
func (s *Server) VerifySignature(ctx context.Context, signature *irma.SignedMessage, request *irma.SessionRequest) (*SignatureResult, error) {
	v := verification{schemes: s.schemes.current(), signature: signature, request: request}
	if request != nil && request.Nonce == nil && signature != nil {
		unbound := *request
		unbound.Nonce, unbound.Context = signature.Nonce, signature.Context
		v.request = &unbound
	}
	err := s.verifySignature(ctx, &v)
	if err == nil && v.unknown != nil {
		err = v.unknown
	}
	if err != nil {
		return nil, err
	}
	out := &SignatureResult{Status: v.verdict.Status, Message: signature.Message, Disclosed: v.verdict.Disclosed}
	if signature.Timestamp != nil {
		out.Time = irma.Timestamp(signature.Timestamp.Time)
	}
	return out, nil
}

// verification is a signature to verify, and what was found.
type verification struct {
	schemes   *scheme.Set
	signature *irma.SignedMessage
	request   *irma.SessionRequest // nil for none
	requestor string               // who wants to know; "" for the program
	earliest  time.Time            // a timestamp before this is refused

	verdict *idemix.Verdict
	stamp   *idemix.Stamp // by whom the timestamp is; nil without one
	unknown error         // why nothing is known about the timestamp
}

// verifySignature asks the timestamp server, if it must, between two
// computations, so that no computation waits for the network.
func (s *Server) verifySignature(ctx context.Context, v *verification) error {
	err := s.compute(ctx, v.requestor, irma.Signing, func() (err error) {
		v.stamp, v.verdict, err = idemix.ReadSignature(v.schemes, v.request, v.signature)
		return err
	})
	if err != nil || v.verdict != nil {
		return err
	}
	at := s.cfg.Now()
	if v.stamp != nil {
		if err := s.checkStamp(ctx, v); err != nil {
			return s.refuseStamp(ctx, v, err)
		}
		at = time.Unix(v.signature.Timestamp.Time, 0)
	}
	return s.compute(ctx, v.requestor, irma.Signing, func() (err error) {
		v.verdict, err = s.engine.VerifySignature(v.schemes, v.request, v.signature, at)
		return err
	})
}

// refuseStamp makes a verdict of a timestamp that does not count, unless nobody
// waits for it any more.
func (s *Server) refuseStamp(ctx context.Context, v *verification, problem error) error {
	if ctx.Err() != nil {
		return irma.ErrUnavailable
	}
	s.log.Info("timestamp of a signature does not verify", zap.Error(problem))
	v.verdict = &idemix.Verdict{Status: irma.ProofInvalidTimestamp}
	if errors.Is(problem, timestamp.ErrNoAnswer) {
		v.unknown = problem
	}
	return nil
}

// checkStamp checks that a timestamp is from a trusted server and of a sensible
// time: a signature is not older than its session.
func (s *Server) checkStamp(ctx context.Context, v *verification) error {
	at := time.Unix(v.signature.Timestamp.Time, 0)
	switch {
	case at.After(s.cfg.Now().Add(clockSkew)):
		return errors.New("the timestamp lies in the future")
	case at.Add(clockSkew).Before(v.earliest):
		return errors.New("the timestamp is older than the session")
	}
	return s.timestamps.Verify(ctx, v.stamp.Server, v.signature.Timestamp, v.stamp.Value)
}
