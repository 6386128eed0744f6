package irmaserver

import (
	"context"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/callback"
	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/irma"
)

const (
	// attemptTimeout bounds one attempt at posting a result.
	attemptTimeout = 20 * time.Second

	// shortPatience is how long a host may take that nothing is known of, while
	// many of them are tried.
	shortPatience = 5 * time.Second

	// attemptLease is how long nobody else tries to post a result that somebody
	// has begun to post.
	attemptLease = attemptTimeout + 5*time.Second

	// maxAttempts is how often a result is posted before giving up, about an
	// hour after the session's end.
	maxAttempts = 20

	// maxNotFound is how many attempts it takes to give up a result that its
	// receiver does not know the path of: the receiver may be being replaced,
	// which takes minutes.
	maxNotFound = 10

	// outage is how long a session with a result to post is kept in the store
	// for a server that comes back and posts it.
	outage = time.Hour

	// hostDelay is how long about an attempt is put off because of its host, and
	// maxAge how old results get that way before they are given up.
	hostDelay = time.Minute
	maxAge    = 4 * time.Hour

	// concludeTimeout bounds storing how an attempt went.
	concludeTimeout = 2 * time.Second
)

// outbox posts results to callback URLs. What is to be posted, how often that
// was tried and when it is tried again is in the session's record; the outbox
// only works on it, so deliveries survive the process if the store does.
type outbox struct {
	queue
	server *Server
	client callback.Client
	cancel context.CancelFunc // ends attempts, when Close gives up waiting
	stats  CallbackStats      // guarded by queue.mu; without Waiting and Running
}

// CallbackStats counts posts of session results to callback URLs since the
// server started.
type CallbackStats struct {
	Delivered uint64 // results that were accepted
	Failed    uint64 // attempts that were not, and were or will be repeated
	Abandoned uint64 // results given up
	Waiting   int    // attempts waiting for their turn
	Running   int    // attempts being made
}

func newOutbox(s *Server) *outbox {
	o := &outbox{server: s, client: callback.Client{HTTP: s.cfg.HTTPClient, Now: s.cfg.Now}}
	o.known, o.hosts = make(map[irma.ClientToken]bool), make(map[string]*host)
	o.work = o.deliver
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// CallbackStats returns the counts of this moment.
func (s *Server) CallbackStats() CallbackStats {
	o := s.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	out := o.stats
	out.Running = min(o.workers, len(o.known))
	out.Waiting = len(o.known) - out.Running
	return out
}

// deliver makes queued attempts until there are none.
func (o *outbox) deliver() {
	for {
		d, ok := o.take()
		if !ok {
			return
		}
		heard, ended := nothing, true
		err := caught.Do(func() (err error) {
			heard, ended, err = o.process(d)
			return err
		})
		if err != nil && !errors.Is(err, irma.ErrSessionUnknown) && o.ctx.Err() == nil {
			o.server.log.Named("callback").Warn("posting a result failed", sessionField(d.token), zap.Error(err))
		}
		if ended {
			o.leave(d, heard)
		}
	}
}

// process does the next step of a delivery and reports whether it was the last.
// The error is about our side.
func (o *outbox) process(d *delivery) (heard reply, ended bool, err error) {
	if d.putOff {
		return nothing, true, o.postpone(d)
	}
	var known *record // the session as it was a moment ago
	if d.host == nil {
		rec, host, err := o.locate(d)
		if err != nil || host == "" {
			return nothing, true, err
		}
		if !o.enter(d, host) {
			return nothing, false, nil
		}
		known = rec
	}
	heard, err = o.attempt(d, known)
	return heard, true, err
}

// locate returns the session and the host that its result goes to, or "" if there
// is nothing to post any more.
func (o *outbox) locate(d *delivery) (*record, string, error) {
	found, err := o.server.sessions.Load(o.ctx, string(d.token))
	if err != nil {
		return nil, "", storeError(err)
	}
	rec, err := o.server.decodeAny(found)
	if err != nil || rec.wake.IsZero() {
		return nil, "", err
	}
	stored, err := rec.stored()
	if err != nil {
		return nil, "", err
	}
	target, err := url.Parse(stored.CallbackURL)
	if err != nil || target.Host == "" {
		return nil, "", errors.New("the stored callback URL is not valid")
	}
	return rec, strings.ToLower(target.Host), nil
}

// attempt posts the result of a session once, if that is still to be done and
// nobody else is at it, and stores the outcome. known is the session as it was a
// moment ago, or nil.
func (o *outbox) attempt(d *delivery, known *record) (reply, error) {
	rec, err := o.claim(d, known)
	if err != nil || rec == nil {
		return nothing, err
	}
	message, err := o.server.callbackMessage(o.ctx, d.token, rec)
	if err != nil {
		return nothing, err
	}
	ctx, cancel := context.WithTimeout(o.ctx, d.patience)
	defer cancel()
	answer, err := o.client.Post(ctx, message)
	switch {
	case err != nil && o.ctx.Err() != nil:
		return nothing, nil // closing; the record's lease ends by itself
	case err != nil:
		return silent, o.conclude(d.token, rec, nil, err)
	case answer.Accepted():
		return accepted, o.conclude(d.token, rec, answer, nil)
	}
	return refused, o.conclude(d.token, rec, answer, nil)
}

// claim returns the session if its result is to be posted now by us, otherwise
// nil. The attempt that the session's end began is ours as long as nobody else
// has begun one; it needs no claim while the end's lease covers it.
func (o *outbox) claim(d *delivery, known *record) (*record, error) {
	s := o.server
	var claimed *record
	var abandoned bool
	err := s.change(o.ctx, d.token, known, s.decodeAny, func(rec *record) error {
		claimed, abandoned = nil, false
		now := s.cfg.Now()
		switch {
		case !d.may(rec, now):
			return nil
		case d.leased && rec.attempts == 0 && now.Add(attemptTimeout).Before(rec.wake):
		case rec.attempts >= maxAttempts: // the last one never came to an end
			rec.wake, rec.changed, abandoned = time.Time{}, true, true
			return nil
		default:
			rec.wake, rec.changed = now.Add(attemptLease), true
			rec.attempts++
		}
		claimed = rec
		return nil
	})
	if err == nil && abandoned {
		o.report(d.token, outcomeAbandoned, nil, errors.New("too many attempts came to no end"))
	}
	return claimed, err
}

// may reports whether this delivery's attempt is still to be made, now and by
// us.
func (d *delivery) may(rec *record, now time.Time) bool {
	ours := d.hasty || d.leased && rec.attempts == 0
	return !rec.wake.IsZero() && (ours || !now.Before(rec.wake))
}

// postpone schedules an attempt again that was not made, because its host is
// silent or has too many.
func (o *outbox) postpone(d *delivery) error {
	s := o.server
	abandoned := false
	err := s.change(o.ctx, d.token, nil, s.decodeAny, func(rec *record) error {
		now := s.cfg.Now()
		if abandoned = false; !d.may(rec, now) {
			return nil
		}
		rec.attempts, rec.changed = max(rec.attempts, 1), true
		rec.wake = now.Add(hostDelay/2 + rand.N(hostDelay))
		if now.Sub(rec.active) > maxAge {
			rec.wake, abandoned = time.Time{}, true
		}
		return nil
	})
	if err == nil && abandoned {
		o.report(d.token, outcomeAbandoned, nil, errors.New("the host did not answer others"))
	}
	return err
}

// conclude stores how an attempt went, also while the server closes.
func (o *outbox) conclude(token irma.ClientToken, was *record, answer *callback.Answer, failure error) error {
	outcome := outcomeFailed
	switch {
	case failure == nil && answer.Accepted():
		outcome = outcomeDelivered
	case was.attempts >= maxAttempts, failure == nil && answer.Permanent(),
		failure == nil && answer.Status == http.StatusNotFound && was.attempts >= maxNotFound:
		outcome = outcomeAbandoned
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(o.ctx), concludeTimeout)
	defer cancel()
	s := o.server
	err := s.change(ctx, token, was, s.decodeAny, func(rec *record) error {
		if rec.attempts != was.attempts || rec.wake.IsZero() {
			return nil // somebody else took over
		}
		rec.wake, rec.changed = time.Time{}, true
		if outcome == outcomeFailed {
			rec.attempts = max(rec.attempts, 1)
			rec.wake = s.cfg.Now().Add(delay(rec.attempts, answer))
		}
		return nil
	})
	o.report(token, outcome, answer, failure)
	return err
}

func delay(attempts uint8, answer *callback.Answer) time.Duration {
	if answer == nil {
		return callback.Backoff(int(attempts), 0)
	}
	return callback.Backoff(int(attempts), answer.RetryAfter)
}

// How an attempt went.
const (
	outcomeDelivered = "delivered"
	outcomeFailed    = "failed"    // to be repeated
	outcomeAbandoned = "abandoned" // given up
)

// report counts and logs an attempt. The receiver's text is not logged: it may
// repeat what it was sent.
func (o *outbox) report(token irma.ClientToken, outcome string, answer *callback.Answer, failure error) {
	o.mu.Lock()
	switch outcome {
	case outcomeDelivered:
		o.stats.Delivered++
	case outcomeAbandoned:
		o.stats.Abandoned++
	default:
		o.stats.Failed++
	}
	o.mu.Unlock()
	event := CallbackEvent{Delivered: outcome == outcomeDelivered, Abandoned: outcome == outcomeAbandoned}
	if answer != nil {
		event.Status = answer.Status
	}
	o.server.cfg.Observer.Callback(event)
	if !event.Delivered {
		o.server.log.Named("callback").Warn("result was not accepted",
			sessionField(token), zap.String("outcome", outcome), zap.Int("status", event.Status), zap.Error(failure))
	}
}

// drain makes what attempts are left when the server closes, until ctx ends.
func (o *outbox) drain(ctx context.Context) error {
	defer o.cancel()
	o.mu.Lock()
	o.draining = true
	o.mu.Unlock()
	if o.server.ownStore {
		o.takeAll(ctx)
	}
	return o.drained(ctx, o.cancel)
}

// takeAll queues a last attempt for every result that waits in a store which
// ends with this server.
func (o *outbox) takeAll(ctx context.Context) {
	s := o.server
	horizon := s.cfg.Now().Add(2 * time.Hour) // beyond all delays
	for ctx.Err() == nil {
		tokens, _, err := s.sessions.Due(ctx, horizon, deadlineBatch)
		if err != nil {
			s.log.Warn("looking for results to post failed", zap.Error(err))
			return
		}
		for _, token := range tokens {
			if o.pending(ctx, token) {
				o.add(delivery{token: irma.ClientToken(token), hasty: true})
			}
		}
		if len(tokens) < deadlineBatch {
			return
		}
	}
}

// pending reports whether the session has a result to post.
func (o *outbox) pending(ctx context.Context, token string) bool {
	found, err := o.server.sessions.Load(ctx, token)
	if err != nil {
		return false
	}
	rec, err := o.server.decodeAny(found)
	return err == nil && rec.status.Finished() && !rec.wake.IsZero()
}

// callbackMessage returns what tells a requestor the result of its session.
func (s *Server) callbackMessage(ctx context.Context, token irma.ClientToken, rec *record) (callback.Message, error) {
	stored, err := rec.stored()
	if err != nil {
		return callback.Message{}, err
	}
	body, contentType, err := s.signedOutcome(ctx, rec, stored, nil)
	if err != nil {
		return callback.Message{}, err
	}
	id := digest("callback", string(token))
	return callback.Message{
		URL:         callback.CallbackURL(stored.CallbackURL),
		ContentType: contentType,
		Body:        body,
		ID:          hex.EncodeToString(id[:16]),
	}, nil
}
