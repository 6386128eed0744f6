package irmaserver_test

import (
	"net/http"
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// model is the state machine of spec 03 §13 in as few words as possible, with
// our differences: a refused wallet leaves the session INITIALIZED, and lost
// answers are repeated only to the wallet they were for.
type model struct {
	action  irma.Action
	status  irma.Status
	proofs  irma.ProofStatus
	gone    bool // nobody knows the session any more
	pin     bool // pairing is on
	bound   string
	posted  event       // the message that ended the session
	answer  expectation // to that
	active  time.Time
	passed  []irma.Status
	patient time.Duration
}

const (
	modelLifetime = 10 * time.Minute
	modelResult   = 2 * time.Minute
	modelReplay   = 30 * time.Second
)

// event is something that happens to a session.
type event struct {
	what string // as in the methods of model
	who  string // an Authorization: of a wallet, or "frontend"
	how  string // which kind of message it is
}

// expectation is the answer to an event. Answers with the same label have the
// same bytes.
type expectation struct {
	code  int
	err   *irma.Error
	has   string
	label string
}

func ok(has string) expectation                        { return expectation{code: http.StatusOK, has: has} }
func refused(err *irma.Error) expectation              { return expectation{code: err.Status, err: err} }
func (m model) clone() model                           { m.passed = slices.Clone(m.passed); return m }
func (m *model) enter(status irma.Status)              { m.status, m.passed = status, append(m.passed, status) }
func (m *model) repeatable(now time.Time) bool         { return now.Sub(m.active) <= modelReplay }
func (m *model) end(status irma.Status, now time.Time) { m.enter(status); m.active = now }

// pass lets time pass.
func (m *model) pass(now time.Time) {
	if next := m.next(); !m.status.Finished() && !now.Before(next) {
		m.end(irma.StatusTimeout, next)
	}
	m.gone = m.status.Finished() && !now.Before(m.next())
}

// next returns when the session times out or, once it is finished, is gone.
func (m *model) next() time.Time {
	switch {
	case m.status.Finished():
		return m.active.Add(modelResult)
	case m.status == irma.StatusInitialized:
		return m.active.Add(m.patient)
	}
	return m.active.Add(modelLifetime)
}

// happen makes an event happen and returns its answer.
func (m *model) happen(e event, now time.Time) expectation {
	m.pass(now)
	if m.gone {
		return refused(irma.ErrSessionUnknown)
	}
	switch e.what {
	case "connect":
		return m.connect(e, now)
	case "options", "complete":
		if e.who != "frontend" {
			return refused(irma.ErrSessionUnauthorized)
		}
		if e.what == "options" {
			return m.options(e)
		}
		return m.complete()
	case "request":
		if no := m.admits(e); no != nil {
			return refused(no)
		}
		return expectation{code: http.StatusOK, has: `"nonce"`, label: "request"}
	case "proofs", "commitments":
		return m.post(e, now)
	case "delete", "revoke":
		if !m.status.Finished() {
			m.end(irma.StatusCancelled, now)
		}
		return expectation{code: http.StatusOK}
	}
	panic("unknown event " + e.what)
}

func (m *model) connect(e event, now time.Time) expectation {
	to := irma.StatusConnected
	hello := expectation{code: http.StatusOK, has: `"request":`, label: "hello"}
	if m.pin {
		to, hello.has = irma.StatusPairing, `"pairingCode":`
	}
	switch {
	case e.how == "malformed":
		return refused(irma.ErrMalformedInput)
	case m.status == to && e.who != "" && e.who == m.bound && m.repeatable(now):
		return hello
	case m.status != irma.StatusInitialized:
		return refused(irma.ErrUnexpectedRequest)
	case e.how == "unfit":
		return refused(irma.ErrProtocolVersion)
	case e.who == "":
		return refused(irma.ErrSessionUnauthorized)
	}
	m.bound, m.active = e.who, now
	m.enter(to)
	return hello
}

func (m *model) options(e event) expectation {
	switch {
	case e.how == "malformed":
		return refused(irma.ErrMalformedInput)
	case m.status != irma.StatusInitialized, e.how == "unknown":
		return refused(irma.ErrUnexpectedRequest)
	}
	m.pin = e.how == "pin"
	return ok(`"pairingMethod":"` + e.how + `"`)
}

func (m *model) complete() expectation {
	if m.status != irma.StatusPairing {
		return refused(irma.ErrUnexpectedRequest)
	}
	m.enter(irma.StatusConnected)
	return expectation{code: http.StatusNoContent}
}

func (m *model) admits(e event) *irma.Error {
	switch {
	case m.status == irma.StatusPairing:
		return irma.ErrPairingRequired
	case m.status != irma.StatusConnected:
		return irma.ErrUnexpectedRequest
	case e.who != m.bound:
		return irma.ErrSessionUnauthorized
	}
	return nil
}

func (m *model) post(e event, now time.Time) expectation {
	if m.status.Finished() && m.posted == e && m.repeatable(now) {
		return m.answer
	}
	if no := m.admits(e); no != nil {
		return refused(no)
	}
	switch {
	case (e.what == "commitments") != (m.action == irma.Issuing):
		return refused(irma.ErrInvalidRequest)
	case e.how == "malformed":
		return refused(irma.ErrMalformedInput)
	}
	m.posted = e
	m.proofs = verdicts[m.action][e.how]
	if m.action == irma.Issuing && m.proofs != irma.ProofValid {
		m.answer = refused(irma.ErrInvalidProofs)
		m.end(irma.StatusCancelled, now)
	} else {
		m.answer = ok(`"proofStatus":"` + string(m.proofs) + `"`)
		m.end(irma.StatusDone, now)
	}
	m.answer.label = "answer"
	return m.answer
}

// verdicts are those on messages that can be read: a good one, one for another
// session, and one that proves nothing.
var verdicts = map[irma.Action]map[string]irma.ProofStatus{
	irma.Disclosing: {"good": irma.ProofValid, "stale": irma.ProofInvalid, "empty": irma.ProofMissingAttributes},
	irma.Signing:    {"good": irma.ProofValid, "stale": irma.ProofUnmatchedRequest, "empty": irma.ProofInvalid},
	irma.Issuing:    {"good": irma.ProofValid, "stale": irma.ProofInvalid, "empty": irma.ProofInvalid},
}
