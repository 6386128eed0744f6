package walletapi

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// State is where a session of the wallet is.
type State string

// States. A client never sees StateRunning: answers wait for another one.
const (
	StateRunning State = "running"
	StatePairing State = "pairing" // until the frontend confirms PairingCode
	StateDone    State = "done"    // the Report is final
)

// View is what the API tells about a session.
type View struct {
	ID          string `json:"id"`
	State       State  `json:"state"`
	PairingCode string `json:"pairingCode,omitempty"` // in StatePairing
	Reason      Reason `json:"reason,omitempty"`      // of a session that did not succeed
	*Report            // in StateDone
}

// session is a session of the wallet.
type session struct {
	user User

	cancel context.CancelFunc
	paired chan struct{} // closed when there is a pairing code
	done   chan struct{} // closed when it is over

	mu   sync.Mutex
	view View // guarded by mu
}

type sessionKey struct{}

// sessionOf returns the session that the ctx of a Perform is for. There always is
// one, since start puts it there.
func sessionOf(ctx context.Context) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	return s
}

// start begins a session. It goes on when ctx ends.
func (s *Server) start(ptr irma.SessionPointer, decision Decision) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ctx.Err() != nil:
		return nil, errClosing
	case len(s.sessions)-len(s.finished) >= MaxRunning:
		return nil, irma.ErrTooManyRequests.Withf("the wallet is in %d sessions already", MaxRunning)
	}
	ctx, cancel := context.WithTimeout(s.ctx, SessionTime)
	one := &session{user: User{Decision: decision}, cancel: cancel, paired: make(chan struct{}), done: make(chan struct{}),
		view: View{ID: rand.Text(), State: StateRunning}}
	s.sessions[one.view.ID] = one
	w := s.wallet
	s.running.Go(func() {
		defer cancel()
		outcome, err := w.Perform(context.WithValue(ctx, sessionKey{}, one), ptr)
		if received(outcome) {
			err = errors.Join(err, s.save())
		}
		s.forget(one)
		one.end(one.user.Report(outcome, err), ReasonOf(err))
	})
	return one, nil
}

// forget counts the session as finished, and lets go of the oldest of those.
func (s *Server) forget(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finished = append(s.finished, one.view.ID)
	if len(s.finished) > MaxFinished {
		delete(s.sessions, s.finished[0])
		s.finished = s.finished[1:]
	}
}

// received reports whether the wallet got a credential.
func received(o *wallet.Outcome) bool {
	for ; o != nil; o = o.Next {
		if len(o.Issued) > 0 {
			return true
		}
	}
	return false
}

func (o *session) showCode(code string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.view.PairingCode == "" {
		close(o.paired)
	}
	o.view.State, o.view.PairingCode = StatePairing, code
}

func (o *session) end(report *Report, reason Reason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.view = View{ID: o.view.ID, State: StateDone, Reason: reason, Report: report}
	close(o.done)
}

func (o *session) look() View {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.view
}

// wait returns the view when the session is over, or when the channel is closed
// that is given besides.
func (o *session) wait(ctx context.Context, orElse <-chan struct{}) (View, error) {
	select {
	case <-o.done:
	case <-orElse:
	case <-ctx.Done():
		return View{}, ctx.Err()
	}
	return o.look(), nil
}
