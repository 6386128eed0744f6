package interop_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
	"github.com/privacybydesign/irmago/irma/irmaclient"
)

// clientSession is a session as the user of a wallet sees it: at most one
// question, and an end. Sessions that follow it are part of it.
type clientSession struct {
	t          *testing.T
	questions  chan question
	pairing    chan string
	returnURLs chan string
	ends       chan end
	pin        string        // what the user types; empty if that is never needed
	blocked    chan struct{} // the keyshare server refuses to help for a while
}

// question asks whether to go on and what to disclose.
type question struct {
	request     irma.SessionRequest
	satisfiable bool
	candidates  [][]irmaclient.DisclosureCandidates
	answer      irmaclient.PermissionHandler
}

// end is how a session ends for the user.
type end struct {
	outcome outcome
	err     *irma.SessionError
}

type outcome string

const (
	succeeded outcome = "succeeded"
	cancelled outcome = "cancelled"
	failed    outcome = "failed"
)

// scan starts the session behind a requestor's QR code.
func (w *wallet) scan(r *requestorSession) *clientSession {
	w.t.Helper()
	return w.scanCode(r.Pointer)
}

// scanCode starts what a QR code says.
func (w *wallet) scanCode(code irma.Qr) *clientSession {
	w.t.Helper()
	s := &clientSession{
		t:          w.t,
		questions:  make(chan question, 8), // more than one session sends, so that no callback ever blocks
		pairing:    make(chan string, 8),
		returnURLs: make(chan string, 8),
		ends:       make(chan end, 8),
		pin:        w.pin,
		blocked:    make(chan struct{}, 8),
	}
	qr, err := json.Marshal(code)
	if err != nil {
		w.t.Fatal(err)
	}
	w.client.NewSession(string(qr), s)
	return s
}

// perform does a session to its successful end.
func (w *wallet) perform(r *requestorSession) {
	w.t.Helper()
	s := w.scan(r)
	s.agree(s.question())
	s.mustEnd(succeeded)
}

// question waits for the wallet's question.
func (s *clientSession) question() question {
	s.t.Helper()
	select {
	case q := <-s.questions:
		return q
	case e := <-s.ends:
		s.t.Fatalf("session %s before the wallet asked its user", e)
	case <-time.After(waitTimeout):
		s.t.Fatalf("wallet did not ask its user within %s", waitTimeout)
	}
	panic("unreachable")
}

// pairingCode waits for the code that the user has to type over.
func (s *clientSession) pairingCode() string {
	s.t.Helper()
	select {
	case code := <-s.pairing:
		return code
	case e := <-s.ends:
		s.t.Fatalf("session %s before the wallet showed a pairing code", e)
	case <-time.After(waitTimeout):
		s.t.Fatalf("wallet showed no pairing code within %s", waitTimeout)
	}
	panic("unreachable")
}

// agree answers with the first possibility that the wallet offers for each
// part of the request.
func (s *clientSession) agree(q question) {
	s.t.Helper()
	s.answer(q, true, s.first(q))
}

func (s *clientSession) first(q question) *irma.DisclosureChoice {
	s.t.Helper()
	choice := new(irma.DisclosureChoice)
	for i, options := range q.candidates {
		chosen, ok := firstSatisfiable(options)
		if !ok {
			s.t.Fatalf("wallet has nothing to disclose for disjunction %d", i)
		}
		choice.Attributes = append(choice.Attributes, chosen)
	}
	return choice
}

func firstSatisfiable(options []irmaclient.DisclosureCandidates) ([]*irma.AttributeIdentifier, bool) {
	for _, option := range options {
		if chosen, err := option.Choose(); err == nil {
			return chosen, true
		}
	}
	return nil, false
}

// choose answers with the given possibility for each part of the request.
func (s *clientSession) choose(q question, options ...int) {
	s.t.Helper()
	choice := new(irma.DisclosureChoice)
	for i, option := range options {
		chosen, err := q.candidates[i][option].Choose()
		if err != nil {
			s.t.Fatalf("wallet cannot disclose possibility %d of disjunction %d: %v", option, i, err)
		}
		choice.Attributes = append(choice.Attributes, chosen)
	}
	s.answer(q, true, choice)
}

// refuse answers with no.
func (s *clientSession) refuse(q question) {
	s.t.Helper()
	s.answer(q, false, nil)
}

// answer returns when the wallet has nothing left to do for the session: it
// does the rest of the session within the call.
func (s *clientSession) answer(q question, proceed bool, choice *irma.DisclosureChoice) {
	s.t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		q.answer(proceed, choice)
	}()
	select {
	case <-done:
	case <-time.After(waitTimeout):
		s.t.Fatalf("wallet did not finish the session within %s", waitTimeout)
	}
}

// mustEnd waits for the end of the session.
func (s *clientSession) mustEnd(want outcome) end {
	s.t.Helper()
	select {
	case e := <-s.ends:
		if e.outcome != want {
			s.t.Fatalf("session %s, want it %s", e, want)
		}
		return e
	case <-s.questions:
		s.t.Fatalf("wallet asks its user, want the session %s", want)
	case <-time.After(waitTimeout):
		s.t.Fatalf("wallet did not end the session within %s", waitTimeout)
	}
	panic("unreachable")
}

// mustFail waits for the session to fail with an error of the server.
func (s *clientSession) mustFail(status int, name string) {
	s.t.Helper()
	e := s.mustEnd(failed)
	if r := e.err.RemoteError; r == nil || r.Status != status || r.ErrorName != name {
		s.t.Fatalf("session %s, want server error %d %s", e, status, name)
	}
}

func (e end) String() string {
	if e.err == nil {
		return string(e.outcome)
	}
	return fmt.Sprintf("%s (%v)", e.outcome, e.err)
}

// The rest makes clientSession an irmaclient.Handler.

func (s *clientSession) RequestVerificationPermission(request *irma.DisclosureRequest, satisfiable bool,
	candidates [][]irmaclient.DisclosureCandidates, _ *irma.RequestorInfo, answer irmaclient.PermissionHandler) {
	s.questions <- question{request, satisfiable, candidates, answer}
}

func (s *clientSession) RequestIssuancePermission(request *irma.IssuanceRequest, satisfiable bool,
	candidates [][]irmaclient.DisclosureCandidates, _ *irma.RequestorInfo, answer irmaclient.PermissionHandler) {
	s.questions <- question{request, satisfiable, candidates, answer}
}

func (s *clientSession) RequestSignaturePermission(request *irma.SignatureRequest, satisfiable bool,
	candidates [][]irmaclient.DisclosureCandidates, _ *irma.RequestorInfo, answer irmaclient.PermissionHandler) {
	s.questions <- question{request, satisfiable, candidates, answer}
}

func (s *clientSession) PairingRequired(code string)                 { s.pairing <- code }
func (s *clientSession) Success(string)                              { s.ends <- end{outcome: succeeded} }
func (s *clientSession) Cancelled()                                  { s.ends <- end{outcome: cancelled} }
func (s *clientSession) Failure(err *irma.SessionError)              { s.ends <- end{failed, err} }
func (s *clientSession) ClientReturnURLSet(url string)               { s.returnURLs <- url }
func (s *clientSession) StatusUpdate(irma.Action, irma.ClientStatus) {}

func (s *clientSession) KeyshareBlocked(id irma.SchemeManagerIdentifier, _ int) {
	if s.pin == "" {
		s.t.Errorf("wallet asks for the keyshare server of %s", id)
	}
	s.blocked <- struct{}{}
}

func (s *clientSession) KeyshareEnrollmentMissing(id irma.SchemeManagerIdentifier) {
	s.t.Errorf("wallet is not enrolled at the keyshare server of %s", id)
}

func (s *clientSession) RequestPin(_ int, answer irmaclient.PinHandler) {
	if s.pin == "" {
		s.t.Error("wallet asks for a PIN")
	}
	answer(s.pin != "" && s.pin != noPIN, s.pin)
}
