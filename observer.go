package irmaserver

import (
	"context"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Observer is told what the server does, for metrics. Its methods are called
// from many goroutines at once and must return quickly; requests wait for them.
// Servers that only log need none.
type Observer interface {
	// Session is called when a session starts and at each change of its
	// status, once across all servers on a store. ctx is that of the call or
	// request that caused it.
	Session(ctx context.Context, event SessionEvent)

	// Crypto is called after each computation on proofs and signatures, unless that
	// panicked. Signing results is none.
	Crypto(event CryptoEvent)

	// Callback is called after each attempt at posting a result.
	Callback(event CallbackEvent)
}

// SessionEvent tells that a session has entered a status.
type SessionEvent struct {
	Session     string // what the log calls the session; gives no access to it
	Action      irma.Action
	Requestor   string      // "" if not told at the start
	Before      irma.Status // "" at the start
	Status      irma.Status
	ProofStatus irma.ProofStatus // of an answered session
	Error       irma.ErrorName   // of a failed session
	Phase       time.Duration    // time spent in the status before
	Longest     time.Duration    // at the start: how long the session can go on, unless it ends before
}

// CryptoEvent tells how long a computation took.
type CryptoEvent struct {
	Kind   irma.Action   // what it was for
	Waited time.Duration // for its turn
	Took   time.Duration
	Failed bool // it never had its turn
	Shed   bool // and did not wait for it, as it would have come too late
}

// CallbackEvent tells how an attempt at posting a result went.
type CallbackEvent struct {
	Delivered bool
	Abandoned bool // no further attempt will be made
	Status    int  // of the receiver's answer; 0 without an answer
}

// unobserved is the Observer of a server without one.
type unobserved struct{}

// Session implements Observer.
func (unobserved) Session(context.Context, SessionEvent) {}

// Crypto implements Observer.
func (unobserved) Crypto(CryptoEvent) {}

// Callback implements Observer.
func (unobserved) Callback(CallbackEvent) {}
