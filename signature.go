package irmaserver

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
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
// timestamp, or now if it has none. Read stored signatures with
// irma.ParseSignedMessage.
//
// With a request, the signature must also answer that request: be over its
// message, with its nonce, and with the attributes it asks for. A nil request
// checks the signature alone, and all attributes count as extra ones.
//
// A signature that does not verify has another Status than irma.ProofValid. The
// error says that it could not be judged: it is an *irma.Error if its form or
// the keys it refers to are unknown, and otherwise about this server.
func (s *Server) VerifySignature(ctx context.Context, signature *irma.SignedMessage, request *irma.SessionRequest) (*SignatureResult, error) {
	verdict, _, err := s.verifySignature(ctx, signature, request, time.Time{})
	if err != nil {
		return nil, err
	}
	out := &SignatureResult{Status: verdict.Status, Message: signature.Message, Disclosed: verdict.Disclosed}
	if signature.Timestamp != nil {
		out.Time = irma.Timestamp(signature.Timestamp.Time)
	}
	return out, nil
}

// verifySignature asks the timestamp server, if it must, between two
// computations, so that no computation waits for the network. A timestamp
// before earliest is refused: the signature cannot be older than its session.
// The stamp tells by which server the timestamp is; it is nil without one.
func (s *Server) verifySignature(ctx context.Context, signature *irma.SignedMessage, request *irma.SessionRequest, earliest time.Time) (verdict *idemix.Verdict, stamp *idemix.Stamp, err error) {
	err = s.compute(ctx, irma.Signing, func() (err error) {
		stamp, verdict, err = idemix.ReadSignature(s.cfg.Schemes, request, signature)
		return err
	})
	if err != nil || verdict != nil {
		return verdict, nil, err
	}
	at := s.cfg.Now()
	if stamp != nil {
		if err := s.checkStamp(ctx, stamp, signature.Timestamp, earliest); err != nil {
			if ctx.Err() != nil {
				return nil, nil, irma.ErrUnavailable // nobody waits for a verdict any more
			}
			s.log.Info("timestamp of a signature does not verify", zap.Error(err))
			return &idemix.Verdict{Status: irma.ProofInvalidTimestamp}, nil, nil
		}
		at = time.Unix(signature.Timestamp.Time, 0)
	}
	err = s.compute(ctx, irma.Signing, func() (err error) {
		verdict, err = idemix.VerifySignature(s.cfg.Schemes, request, signature, at)
		return err
	})
	return verdict, stamp, err
}

// checkStamp checks that a timestamp is from a trusted server and of a sensible
// time.
func (s *Server) checkStamp(ctx context.Context, stamp *idemix.Stamp, timestamp *irma.AtumTimestamp, earliest time.Time) error {
	at := time.Unix(timestamp.Time, 0)
	switch {
	case at.After(s.cfg.Now().Add(clockSkew)):
		return errors.New("the timestamp lies in the future")
	case at.Add(clockSkew).Before(earliest):
		return errors.New("the timestamp is older than the session")
	}
	return s.timestamps.Verify(ctx, stamp.Server, timestamp, stamp.Value)
}
