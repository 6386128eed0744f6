package devpage

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// pollTime is how long a request may wait for something new.
const pollTime = 25 * time.Second

// phone is the simulated wallet of a browser: a wallet with the user on the other
// side of HTTP. It does one session at a time.
type phone struct {
	page   *Page
	secret string
	wallet *wallet.Wallet
	ctx    context.Context // ends with the page, or when the phone makes place
	cancel context.CancelFunc

	mu      sync.Mutex
	view    view               // guarded by mu
	changed chan struct{}      // guarded by mu; closed when view changes
	busy    bool               // guarded by mu; in a session
	hangUp  context.CancelFunc // guarded by mu; ends the session
	replies chan reply         // guarded by mu; to the question on the screen; nil without one
}

// reply is what the user wants.
type reply struct {
	Question int   `json:"question"` // number of the view that was answered
	Refuse   bool  `json:"refuse"`
	Choices  []int `json:"choices"` // one per disjunction
}

func newPhone(p *Page, secret string) (*phone, error) {
	ph := &phone{page: p, secret: secret, changed: make(chan struct{}), view: view{Screen: screenHome, Revision: 1}}
	w, err := wallet.New(p.cfg.Schemes(), wallet.Config{
		HTTPClient:      p.cfg.Client,
		Choose:          ph.choose,
		Obtain:          ph.obtain,
		ShowPairingCode: func(_ context.Context, code string) { ph.show(view{Screen: screenPairing, Code: code}) },
	})
	if err != nil {
		return nil, fmt.Errorf("making a wallet: %w", err)
	}
	ph.wallet = w
	ph.ctx, ph.cancel = context.WithCancel(p.ctx)
	return ph, nil
}

// show changes the screen, and tells those who wait.
func (ph *phone) show(v view) {
	ph.mu.Lock()
	defer ph.mu.Unlock()
	ph.showLocked(v)
}

func (ph *phone) showLocked(v view) {
	v.Revision = ph.view.Revision + 1
	ph.view = v
	close(ph.changed)
	ph.changed = make(chan struct{})
}

// current returns the screen, and a channel that is closed when it changes.
func (ph *phone) current() (view, <-chan struct{}) {
	ph.mu.Lock()
	defer ph.mu.Unlock()
	return ph.view, ph.changed
}

// wait returns the screen once it is another one than that of the revision after.
func (ph *phone) wait(r *http.Request) (any, error) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	timeout := time.NewTimer(pollTime)
	defer timeout.Stop()
	for {
		v, changed := ph.current()
		if v.Revision != after {
			return ph.complete(v), nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return ph.complete(v), nil
		case <-ph.ctx.Done():
			return nil, errGone
		case <-r.Context().Done():
			return nil, errGone
		}
	}
}

var errGone = refusal{http.StatusServiceUnavailable, "INTERNAL_ERROR", "irmad is stopping"}

// scan begins the session behind a pointer.
func (ph *phone) scan(r *http.Request) (any, error) {
	var pointer irma.SessionPointer
	if err := decode(r, &pointer); err != nil {
		return nil, err
	}
	if pointer.URL == "" || pointer.Action == "" {
		return nil, refusal{http.StatusBadRequest, "MALFORMED_INPUT", `a session pointer has the members "u" and "irmaqr"`}
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	if ph.busy {
		return nil, refusal{http.StatusConflict, "BUSY", "the phone is busy with another session"}
	}
	if ph.ctx.Err() != nil {
		return nil, errGone
	}
	ph.busy = true
	ctx, cancel := context.WithCancel(ph.ctx)
	ph.hangUp = cancel
	ph.showLocked(view{Screen: screenBusy})
	ph.page.running.Go(func() {
		defer cancel()
		ph.perform(ctx, pointer)
	})
	return struct{}{}, nil
}

func (ph *phone) perform(ctx context.Context, pointer irma.SessionPointer) {
	outcome, err := ph.wallet.Perform(ctx, pointer)
	ph.mu.Lock()
	defer ph.mu.Unlock()
	ph.busy, ph.hangUp, ph.replies = false, nil, nil
	ph.showLocked(ph.page.ending(outcome, err))
}

// stop ends the session that the phone is busy with, or goes back to the first
// screen. Whoever stops must have seen the screen of this moment: a session that
// has just been agreed to is not to be torn down by what was true before.
func (ph *phone) stop(r *http.Request) (any, error) {
	var given reply
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	current := given.Question == ph.view.Revision
	switch {
	case !current:
	case ph.busy:
		ph.hangUp()
	default:
		ph.showLocked(view{Screen: screenHome})
	}
	return struct {
		Stopped bool `json:"stopped"`
	}{current}, nil
}

var errMovedOn = refusal{http.StatusConflict, "UNEXPECTED_REQUEST", "the phone does not show this any more"}

// ask shows a question and waits for the reply.
func (ph *phone) ask(ctx context.Context, v view) (reply, error) {
	replies := make(chan reply, 1)
	ph.mu.Lock()
	ph.replies = replies
	ph.showLocked(v)
	ph.mu.Unlock()
	select {
	case r := <-replies:
		if r.Refuse {
			return r, wallet.ErrRefused
		}
		return r, nil
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
}

// reply passes the user's reply on, if it is about what is on this screen.
func (ph *phone) reply(r *http.Request, screen string) (any, error) {
	var given reply
	if err := decode(r, &given); err != nil {
		return nil, err
	}
	ph.mu.Lock()
	defer ph.mu.Unlock()
	if ph.replies == nil || ph.view.Screen != screen || given.Question != ph.view.Revision {
		return nil, errMovedOn
	}
	if !given.Refuse {
		if err := ph.view.Question.accepts(given.Choices); err != nil {
			return nil, err
		}
	}
	ph.replies <- given
	ph.replies = nil
	ph.showLocked(view{Screen: screenBusy})
	return struct{}{}, nil
}

func (ph *phone) answer(r *http.Request) (any, error) { return ph.reply(r, screenQuestion) }

func (ph *phone) obtainRequest(r *http.Request) (any, error) { return ph.reply(r, screenMissing) }
