package irmaserver

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// replayWindow is how long a wallet that lost an answer may ask for it again.
// Wallets retry within 20 seconds.
const replayWindow = 30 * time.Second

// protocolVersion is the one version of the protocol that is spoken: older ones
// bind the session to no wallet and know no pairing.
var protocolVersion = irma.Version{Major: 2, Minor: 8}

// walletAPI is what wallets may do, for transport.
type walletAPI struct{ *Server }

func (s *Server) wallet() transport.Wallet { return walletAPI{s} }

// find loads the session of a call and checks the host that it is bound to.
func (s *Server) find(ctx context.Context, call transport.Call) (*record, error) {
	rec, err := s.load(ctx, call.Token)
	if err != nil {
		return nil, err
	}
	return rec, s.checkCall(rec, call)
}

func (s *Server) checkCall(rec *record, call transport.Call) error {
	if rec.host != "" && !s.sameHost(rec.host, call.Host) {
		return irma.ErrUnauthorized.With("Host mismatch")
	}
	return nil
}

// Status implements transport.Wallet.
func (w walletAPI) Status(ctx context.Context, call transport.Call) (irma.Status, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return "", err
	}
	return rec.status, nil
}

// Cancel implements transport.Wallet.
func (w walletAPI) Cancel(ctx context.Context, call transport.Call) error {
	return w.update(ctx, call.Token, func(rec *record) error {
		if err := w.checkCall(rec, call); err != nil {
			return err
		}
		return w.cancelled(rec)
	})
}

// Connect implements transport.Wallet: it binds the session to the wallet and
// answers with the request or, when pairing is on, with the code that the
// wallet must show. A refused wallet leaves the session as it was, so that
// somebody who has only seen the QR cannot end it with a bad request. The bound
// wallet gets the same answer again if it lost it.
func (w walletAPI) Connect(ctx context.Context, call transport.Call, hello transport.Hello) (json.RawMessage, error) {
	var answer json.RawMessage
	err := w.update(ctx, call.Token, func(rec *record) error {
		if err := w.checkCall(rec, call); err != nil {
			return err
		}
		spoken, err := negotiate(hello)
		if err != nil {
			return err
		}
		if !w.connectedBefore(rec, call) {
			if err := w.bind(rec, call, spoken); err != nil {
				return err
			}
		}
		answer, err = rec.hello(protocolVersion)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// connectedBefore reports whether this wallet's first request is a repetition
// of the one that bound the session.
func (w walletAPI) connectedBefore(rec *record, call transport.Call) bool {
	bound := irma.StatusConnected
	if rec.pairingCode != "" {
		bound = irma.StatusPairing
	}
	return rec.status == bound && call.Authorization != "" && rec.boundTo(call) &&
		w.cfg.Now().Sub(rec.active) <= replayWindow
}

// bind connects the wallet to the session. spoken tells whether the protocol
// versions fit.
func (w walletAPI) bind(rec *record, call transport.Call, spoken bool) error {
	switch {
	case rec.status != irma.StatusInitialized:
		return irma.ErrUnexpectedRequest.With("Session already started")
	case !spoken:
		return irma.ErrProtocolVersion.Withf("this server speaks version %s", protocolVersion)
	case call.Authorization == "":
		return irma.ErrSessionUnauthorized.With("No authorization header provided")
	}
	rec.client = digest("client authorization", call.Authorization)
	if rec.pairingCode != "" {
		rec.enter(irma.StatusPairing, w.cfg.Now())
	} else {
		rec.enter(irma.StatusConnected, w.cfg.Now())
	}
	return nil
}

// negotiate reports whether the wallet speaks our protocol version. It is an
// error when the wallet does not say what it speaks.
func negotiate(hello transport.Hello) (bool, error) {
	lowest, err := parseVersion("X-IRMA-MinProtocolVersion", hello.MinVersion)
	if err != nil {
		return false, err
	}
	highest, err := parseVersion("X-IRMA-MaxProtocolVersion", hello.MaxVersion)
	if err != nil {
		return false, err
	}
	return lowest.Compare(protocolVersion) <= 0 && protocolVersion.Compare(highest) <= 0, nil
}

func parseVersion(header, value string) (irma.Version, error) {
	if value == "" {
		return irma.Version{}, irma.ErrMalformedInput.Withf("header %s is missing; it holds a protocol version such as %s", header, protocolVersion)
	}
	version, err := irma.ParseVersion(value)
	if err != nil {
		return irma.Version{}, irma.ErrMalformedInput.Withf("header %s: %v", header, err)
	}
	return version, nil
}

// hello returns the answer to the wallet's first request.
func (r *record) hello(version irma.Version) (json.RawMessage, error) {
	out := irma.ClientSessionRequest{
		LDContext:       irma.ContextClientRequest,
		ProtocolVersion: version,
		Options:         r.options(),
	}
	if r.status == irma.StatusConnected {
		request, err := r.clientRequest()
		if err != nil {
			return nil, err
		}
		out.Request = request
	}
	return json.Marshal(out)
}

// clientRequest returns the session request as the wallet sees it.
func (r *record) clientRequest() (*irma.SessionRequest, error) {
	extended, err := r.extended()
	if err != nil {
		return nil, err
	}
	request := extended.Request
	request.ProtocolVersion = &protocolVersion
	for i := range request.Credentials {
		request.Credentials[i].RevocationKey = "" // between requestor and issuer
	}
	return request, nil
}

// Request implements transport.Wallet.
func (w walletAPI) Request(ctx context.Context, call transport.Call) (json.RawMessage, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return nil, err
	}
	if err := rec.admits(call); err != nil {
		return nil, err
	}
	request, err := rec.clientRequest()
	if err != nil {
		return nil, err
	}
	return json.Marshal(request)
}

// boundTo reports whether the call comes from the wallet that the session is
// bound to.
func (r *record) boundTo(call transport.Call) bool {
	return sameDigest(r.client, digest("client authorization", call.Authorization))
}

// admits tells why the wallet may not act on the session (spec 03 §3.4), or
// returns nil.
func (r *record) admits(call transport.Call) error {
	switch {
	case r.status == irma.StatusPairing:
		return irma.ErrPairingRequired
	case r.status != irma.StatusConnected:
		return irma.ErrUnexpectedRequest.With("Session not yet started or already finished")
	case !r.boundTo(call):
		return irma.ErrSessionUnauthorized
	}
	return nil
}

// Proofs implements transport.Wallet.
func (w walletAPI) Proofs(ctx context.Context, call transport.Call, body []byte) (json.RawMessage, error) {
	return w.post(ctx, call, "proofs", body, w.judgeProofs)
}

// Commitments implements transport.Wallet.
func (w walletAPI) Commitments(ctx context.Context, call transport.Call, body []byte) (json.RawMessage, error) {
	return w.post(ctx, call, "commitments", body, w.judgeCommitments)
}

// judge decides on the body that a wallet posted. Its error means that nothing
// was decided and the session stays as it is.
type judge func(ctx context.Context, rec *record, body []byte) (*judgement, error)

// judgement is how a session ends: with an answer for the wallet, or failed.
type judgement struct {
	result irma.SessionResult // without token, status and type
	answer irma.ServerSessionResponse
	failed *irma.Error
}

// post handles the wallet's final message. The work is done on what was loaded
// before, outside any lock; then it counts only if the session still waits for
// it. Of several identical posts one decides, and all get the same answer.
func (w walletAPI) post(ctx context.Context, call transport.Call, kind string, body []byte, decide judge) (json.RawMessage, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return nil, err
	}
	key := digest(kind, call.Authorization, string(body))
	if answer, err, done := w.replay(rec, key); done {
		return answer, err
	}
	if err := rec.admits(call); err != nil {
		return nil, err
	}
	verdict, err := decide(ctx, rec, body)
	if err != nil {
		return nil, err
	}
	return w.settle(context.WithoutCancel(ctx), call, key, verdict)
}

// settle ends the session as decided and returns the wallet's answer.
func (w walletAPI) settle(ctx context.Context, call transport.Call, key [sha256.Size]byte, verdict *judgement) (json.RawMessage, error) {
	encoded, err := json.Marshal(verdict.answer)
	if err != nil {
		return nil, fmt.Errorf("encoding answer: %w", err)
	}
	var answer json.RawMessage
	err = w.update(ctx, call.Token, func(rec *record) error {
		var done bool
		if answer, err, done = w.replay(rec, key); done {
			return err
		}
		if err := rec.admits(call); err != nil {
			return err
		}
		rec.posted = key
		if verdict.failed != nil {
			return rec.fail(verdict.failed, verdict.result, w.cfg.Now())
		}
		answer, rec.answer = encoded, encoded
		return rec.finish(irma.StatusDone, verdict.result, w.cfg.Now())
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// replay returns the answer to a message that ended the session, when this is a
// repetition of that message.
func (w walletAPI) replay(rec *record, key [sha256.Size]byte) (json.RawMessage, error, bool) {
	if !rec.status.Finished() || !sameDigest(rec.posted, key) || w.cfg.Now().Sub(rec.active) > replayWindow {
		return nil, nil, false
	}
	if rec.status == irma.StatusDone {
		return rec.answer, nil, true
	}
	result, err := rec.outcome()
	if err != nil {
		return nil, err, true
	}
	return nil, result.Err, true
}

// fail ends the session because of an error, which is also the wallet's answer.
func (r *record) fail(cause *irma.Error, result irma.SessionResult, now time.Time) error {
	result.Err = cause
	if err := r.finish(irma.StatusCancelled, result, now); err != nil {
		return err
	}
	return cause
}

func (w walletAPI) judgeProofs(ctx context.Context, rec *record, body []byte) (*judgement, error) {
	if rec.action == irma.Issuing {
		return nil, irma.ErrInvalidRequest.With("this is an issuance session: post commitments, not proofs")
	}
	disclosure, err := irma.ParseDisclosure(body)
	if err != nil {
		return nil, err
	}
	extended, err := rec.extended()
	if err != nil {
		return nil, err
	}
	out := new(judgement)
	err = w.compute(ctx, func() error {
		verdict, err := idemix.VerifyDisclosure(w.cfg.Schemes, extended.Request, disclosure, w.cfg.Now())
		if err != nil {
			return out.refuse(err)
		}
		out.accept(verdict)
		return nil
	})
	return out, err
}

func (w walletAPI) judgeCommitments(ctx context.Context, rec *record, body []byte) (*judgement, error) {
	if rec.action != irma.Issuing {
		return nil, irma.ErrInvalidRequest.Withf("this is a %s session: post proofs, not commitments", rec.action)
	}
	commitment, err := irma.ParseIssueCommitment(body)
	if err != nil {
		return nil, err
	}
	extended, err := rec.extended()
	if err != nil {
		return nil, err
	}
	out := new(judgement)
	err = w.compute(ctx, func() error { return w.issue(extended.Request, commitment, out) })
	return out, err
}

// issue verifies the commitments and signs the credentials.
func (w walletAPI) issue(request *irma.SessionRequest, commitment *irma.IssueCommitment, out *judgement) error {
	verdict, err := idemix.VerifyCommitments(w.cfg.Schemes, request, commitment, w.cfg.Now())
	if err != nil {
		return out.refuse(err)
	}
	out.accept(verdict)
	switch verdict.Status {
	case irma.ProofValid:
	case irma.ProofExpired:
		return out.refuse(irma.ErrAttributesExpired)
	default:
		return out.refuse(irma.ErrInvalidProofs)
	}
	out.answer.Signatures, err = idemix.Issue(w.cfg.Schemes, request, commitment, w.cfg.Now())
	if err != nil {
		return out.refuse(err)
	}
	return nil
}

func (j *judgement) accept(verdict *idemix.Verdict) {
	j.result.ProofStatus, j.result.Disclosed = verdict.Status, verdict.Disclosed
	j.answer.ProofStatus = verdict.Status
}

// refuse makes the session fail with a protocol error. Any other error is
// returned: it says nothing about the wallet.
func (j *judgement) refuse(err error) error {
	j.failed = irma.AsError(err)
	if j.failed == nil {
		return err
	}
	j.result.Disclosed = nil
	return nil
}
