package irmaserver

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/transport"
)

const (
	// outgoingBudget bounds how long a wallet waits, from its message on, for
	// what that makes the server post elsewhere, and leastOutgoing is what is
	// left for that when the server is busy. Wallets lose patience after some
	// seconds.
	outgoingBudget = 3500 * time.Millisecond
	leastOutgoing  = time.Second

	// judgePatience bounds how long a wallet waits for a verdict, mostly for its
	// turn.
	judgePatience = 10 * time.Second
)

// judge decides on the body that a wallet posted. Its error means that nothing
// was decided and the session stays as it is.
type judge func(ctx context.Context, rec *record, stored *storedRequest, body []byte) (*judgement, error)

// judgement is how a session ends: with an answer for the wallet, or failed.
type judgement struct {
	result irma.SessionResult // without token, status and type
	answer irma.ServerSessionResponse
	failed *irma.Error // told to the wallet, and to the requestor unless result.Err tells more
	next   *followUp
	reason string // why proofs are INVALID, for logs

	unknown bool // failed because of something that newer schemes may have
}

// Proofs implements transport.Wallet.
func (w walletAPI) Proofs(ctx context.Context, call transport.Call, body transport.Body) (json.RawMessage, error) {
	return w.post(ctx, call, "proofs", body, w.judgeProofs)
}

// Commitments implements transport.Wallet.
func (w walletAPI) Commitments(ctx context.Context, call transport.Call, body transport.Body) (json.RawMessage, error) {
	return w.post(ctx, call, "commitments", body, w.judgeCommitments)
}

// post handles the wallet's final message. Its body is read only when the
// wallet may send one. The work is done on what was loaded before, outside any
// lock; then it counts only if the session still waits for it. Of several
// identical posts one decides, and all get the same answer.
func (w walletAPI) post(ctx context.Context, call transport.Call, kind string, body transport.Body, decide judge) (json.RawMessage, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return nil, err
	}
	if refused := rec.admits(call); refused != nil && !w.mayRepeat(rec, call) {
		return nil, refused
	}
	content, err := body()
	if err != nil {
		return nil, err
	}
	arrival := time.Now()
	waiting, cancel := context.WithTimeout(ctx, judgePatience)
	defer cancel()
	next, atOnce, err := w.turns.take(waiting, call.Token)
	if err != nil {
		return nil, err
	}
	defer next()
	if !atOnce { // the message before may have ended the session
		if rec, err = w.find(ctx, call); err != nil {
			return nil, err
		}
	}
	return w.process(waiting, arrival, call, rec, digestBody(kind, call.Authorization, content), content, decide)
}

// process works on a message whose turn has come, for the session as it was a
// moment ago.
func (w walletAPI) process(ctx context.Context, arrival time.Time, call transport.Call, rec *record, key [sha256.Size]byte, body []byte, decide judge) (json.RawMessage, error) {
	if answer, done, err := w.replay(rec, key); done {
		return answer, err
	}
	if err := rec.admits(call); err != nil {
		return nil, err
	}
	stored, err := rec.stored()
	if err != nil {
		return nil, err
	}
	verdict, err := decide(ctx, rec, stored, body)
	if err != nil {
		return nil, err
	}
	if verdict.unknown {
		w.schemes.refresh(named(stored.effective()))
	}
	if verdict.reason != "" {
		w.log.Info("proofs are not valid", sessionField(call.Token), zap.String("reason", verdict.reason))
	}
	ctx = context.WithoutCancel(ctx) // what has been worked out is kept, even if the wallet is gone
	budget, cancel := context.WithTimeout(ctx, max(leastOutgoing, outgoingBudget-time.Since(arrival)))
	defer cancel()
	if stored.chains() && verdict.failed == nil && verdict.answer.ProofStatus == irma.ProofValid {
		if taken, err := w.takeUp(budget, call, key); err != nil || !taken {
			return w.awaitTwin(budget, call, key, err)
		}
		w.continueChain(budget, rec, stored, verdict)
		rec = nil // it has changed
	}
	return w.settle(ctx, budget, call, rec, key, verdict)
}

// settle ends the session as decided and returns the wallet's answer, if
// possible after the requestor has been told. known is the session as it was a
// moment ago, or nil.
func (w walletAPI) settle(ctx, budget context.Context, call transport.Call, known *record, key [sha256.Size]byte, verdict *judgement) (json.RawMessage, error) {
	encoded, err := verdict.encode()
	if err != nil {
		return nil, err
	}
	var ended *record
	var answer json.RawMessage
	err = w.updateFrom(ctx, call.Token, known, func(rec *record) error {
		ended = nil
		var done bool
		if answer, done, err = w.replay(rec, key); done {
			return err
		}
		if err := rec.admits(call); err != nil {
			return err
		}
		ended = rec
		rec.posted, rec.answer = key, encoded
		return verdict.apply(rec, w.cfg.Now())
	})
	if verdict.next != nil && (err != nil || ended == nil) {
		w.abandon(ctx, verdict.next)
	}
	if ended != nil && ended.delivered != nil {
		select {
		case <-ended.delivered:
		case <-budget.Done():
		}
	}
	switch {
	case err != nil:
		return nil, err
	case ended != nil:
		return encoded, nil
	}
	return answer, nil
}

// encode returns the answer's body.
func (j *judgement) encode() (json.RawMessage, error) {
	var value any = j.answer
	if j.failed != nil {
		value = j.failed
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encoding answer: %w", err)
	}
	return encoded, nil
}

// apply ends the session. It returns the error that the wallet gets.
func (j *judgement) apply(rec *record, now time.Time) error {
	result := j.result
	if j.failed == nil {
		if j.next != nil {
			if err := rec.setFollowUp(j.next); err != nil {
				return err
			}
			result.NextSession = j.next.Token
		}
		return rec.finish(irma.StatusDone, result, now)
	}
	if result.Err == nil {
		result.Err = j.failed
	}
	if err := rec.finish(irma.StatusCancelled, result, now); err != nil {
		return err
	}
	return j.failed
}

// mayRepeat reports whether this wallet could be asking again for the answer that
// ended the session.
func (w walletAPI) mayRepeat(rec *record, call transport.Call) bool {
	return rec.status.Finished() && rec.answer != nil && rec.boundTo(call) && w.cfg.Now().Sub(rec.active) <= replayWindow
}

// replay returns the answer to a message that ended the session, when this is a
// repetition of that message.
func (w walletAPI) replay(rec *record, key [sha256.Size]byte) (answer json.RawMessage, done bool, err error) {
	if !rec.status.Finished() || rec.answer == nil || !sameDigest(rec.posted, key) || w.cfg.Now().Sub(rec.active) > replayWindow {
		return nil, false, nil
	}
	if rec.status == irma.StatusDone {
		return rec.answer, true, nil
	}
	failed := new(irma.Error)
	if err := json.Unmarshal(rec.answer, failed); err != nil {
		return nil, true, fmt.Errorf("decoding stored answer: %w", err)
	}
	return nil, true, failed
}

func (w walletAPI) judgeProofs(ctx context.Context, rec *record, stored *storedRequest, body []byte) (*judgement, error) {
	switch rec.action {
	case irma.Signing:
		return w.judgeSignature(ctx, rec, stored, body)
	case irma.Issuing:
		return nil, irma.ErrInvalidRequest.With("this is an issuance session: post commitments, not proofs")
	}
	disclosure, err := irma.ParseDisclosure(body)
	if err != nil {
		return nil, err
	}
	out := new(judgement)
	err = w.compute(ctx, rec.requestor, irma.Disclosing, func() error {
		verdict, err := w.engine.VerifyDisclosure(w.schemes.of(rec.edition), stored.effective(), disclosure, w.cfg.Now())
		return out.take(verdict, err)
	})
	return out, err
}

func (w walletAPI) judgeSignature(ctx context.Context, rec *record, stored *storedRequest, body []byte) (*judgement, error) {
	signature, err := irma.ParseSignedMessage(body)
	if err != nil {
		return nil, err
	}
	v := verification{schemes: w.schemes.of(rec.edition), signature: signature, request: stored.effective(), requestor: rec.requestor, earliest: rec.active}
	err = w.verifySignature(ctx, &v)
	out := new(judgement)
	if err := out.take(v.verdict, err); err != nil {
		return nil, err
	}
	if out.failed == nil {
		if v.stamp != nil { // what the wallet says of the server is not checked
			signature.Timestamp.ServerURL = v.stamp.Server
		}
		out.result.Signature = signature
	}
	return out, nil
}

func (w walletAPI) judgeCommitments(ctx context.Context, rec *record, stored *storedRequest, body []byte) (*judgement, error) {
	if rec.action != irma.Issuing {
		return nil, irma.ErrInvalidRequest.Withf("this is a %s session: post proofs, not commitments", rec.action)
	}
	commitment, err := irma.ParseIssueCommitment(body)
	if err != nil {
		return nil, err
	}
	out := new(judgement)
	set := w.schemes.of(rec.edition)
	err = w.compute(ctx, rec.requestor, irma.Issuing, func() error { return w.issue(set, stored.effective(), commitment, out) })
	return out, err
}

// issue verifies the commitments and signs the credentials.
func (w walletAPI) issue(set *scheme.Set, request *irma.SessionRequest, commitment *irma.IssueCommitment, out *judgement) error {
	verdict, proven, err := w.engine.ProveIssuance(set, request, commitment, w.cfg.Now())
	if err := out.take(verdict, err); err != nil || out.failed != nil {
		return err
	}
	switch verdict.Status {
	case irma.ProofValid:
	case irma.ProofExpired:
		return out.refuse(irma.ErrAttributesExpired)
	default:
		return out.refuse(irma.ErrInvalidProofs)
	}
	out.answer.Signatures, err = proven.Issue(w.cfg.Now())
	if err != nil {
		return out.refuse(err)
	}
	return nil
}

// take adopts a verdict, or the error in its place.
func (j *judgement) take(verdict *idemix.Verdict, err error) error {
	if err != nil {
		j.unknown = errors.Is(err, idemix.ErrUnknown)
		return j.refuse(err)
	}
	j.result.ProofStatus, j.result.Disclosed = verdict.Status, verdict.Disclosed
	j.answer.ProofStatus, j.reason = verdict.Status, verdict.Reason
	return nil
}

// refuse makes the session fail with a protocol error. Any other error is
// returned, and so is one about this server's state: they say nothing about the
// wallet.
func (j *judgement) refuse(err error) error {
	failed := irma.AsError(err)
	if failed == nil || failed.Is(irma.ErrUnavailable) {
		return err
	}
	j.failed, j.result.Disclosed = failed, nil
	return nil
}
