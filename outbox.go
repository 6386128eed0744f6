package irmaserver

import (
	"context"
	"encoding/hex"
	"errors"
	"net/url"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/callback"
	"github.com/irmad/irmaserver/irma"
)

const (
	// attemptTimeout bounds one attempt at posting a result.
	attemptTimeout = 20 * time.Second

	// attemptLease is how long nobody else tries to post a result that somebody
	// has begun to post.
	attemptLease = attemptTimeout + 5*time.Second

	// maxAttempts is how often a result is posted before giving up, about an
	// hour after the session's end.
	maxAttempts = 20

	// maxDeliveries is how many results are posted at once, and
	// maxDeliveriesPerHost to one host, so that a slow receiver leaves room for
	// the others.
	maxDeliveries        = 64
	maxDeliveriesPerHost = 32

	// maxQueued is how many deliveries wait in memory for one of these. More
	// are taken from the store when their lease has passed.
	maxQueued = 1 << 16

	// hostDelay is how long a delivery to a busy host is put off.
	hostDelay = time.Second
)

// delivery is one attempt at posting the result of a session.
type delivery struct {
	token  irma.ClientToken
	leased bool          // the stored record says that this attempt is being made
	done   chan struct{} // closed after the attempt
}

// outbox posts results to callback URLs. What is to be posted, how often that
// was tried and when it is tried again is in the session's record; the outbox
// only works on it, so deliveries survive the process if the store does.
type outbox struct {
	server *Server
	client callback.Client
	ctx    context.Context // of attempts; ends when Close gives up waiting
	cancel context.CancelFunc

	mu       sync.Mutex // guards what follows
	queue    []delivery
	workers  int
	draining bool
	hosts    map[string]int // running attempts
	idle     chan struct{}  // closed when the last worker ends; nil when nobody waits
	stats    CallbackStats
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
	o := &outbox{server: s, client: callback.Client{HTTP: s.cfg.HTTPClient, Now: s.cfg.Now}, hosts: make(map[string]int)}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// CallbackStats returns the counts of this moment.
func (s *Server) CallbackStats() CallbackStats {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	out := s.outbox.stats
	out.Waiting, out.Running = len(s.outbox.queue), s.outbox.workers
	return out
}

// add queues an attempt. The channel is closed after it, or at once if the
// queue is full: then the attempt is made when the store calls for it.
func (o *outbox) add(d delivery) <-chan struct{} {
	d.done = make(chan struct{})
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) >= maxQueued {
		close(d.done)
		return d.done
	}
	o.queue = append(o.queue, d)
	if o.workers < maxDeliveries {
		o.workers++
		go o.work()
	}
	return d.done
}

// work makes queued attempts until there are none.
func (o *outbox) work() {
	for {
		d, ok := o.next()
		if !ok {
			return
		}
		if err := o.attempt(d); err != nil && !errors.Is(err, irma.ErrSessionUnknown) {
			o.server.log.Named("callback").Warn("posting a result failed", sessionField(d.token), zap.Error(err))
		}
		close(d.done)
	}
}

// next takes an attempt off the queue, or ends the worker.
func (o *outbox) next() (delivery, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) > 0 {
		d := o.queue[0]
		o.queue = o.queue[1:]
		return d, true
	}
	o.queue = nil
	o.workers--
	if o.workers == 0 && o.idle != nil {
		close(o.idle)
		o.idle = nil
	}
	return delivery{}, false
}

// attempt posts the result of a session once, if that is still to be done and
// nobody else is at it, and stores the outcome.
func (o *outbox) attempt(d delivery) error {
	rec, err := o.claim(d)
	if err != nil || rec == nil {
		return err
	}
	host, message, err := o.server.callbackMessage(d.token, rec)
	if err != nil {
		return err
	}
	if !o.enter(host) {
		return o.postpone(d.token, rec)
	}
	defer o.leave(host)
	ctx, cancel := context.WithTimeout(o.ctx, attemptTimeout)
	defer cancel()
	answer, err := o.client.Post(ctx, message)
	return o.conclude(d.token, rec, answer, err)
}

// claim returns the session if its result is to be posted now by us, otherwise
// nil. The attempt that the session's end began needs no claim, unless it had
// to wait so long that its lease does not cover it.
func (o *outbox) claim(d delivery) (*record, error) {
	s := o.server
	var claimed *record
	err := s.change(o.ctx, d.token, s.decodeAny, func(rec *record) error {
		claimed = nil
		now := s.cfg.Now()
		switch {
		case rec.wake.IsZero():
			return nil
		case d.leased && rec.attempts == 0 && now.Add(attemptTimeout).Before(rec.wake):
		case now.Before(rec.wake):
			return nil
		default:
			rec.wake, rec.changed = now.Add(attemptLease), true
			rec.attempts++
		}
		claimed = rec
		return nil
	})
	return claimed, err
}

// conclude stores how an attempt went.
func (o *outbox) conclude(token irma.ClientToken, was *record, answer *callback.Answer, failure error) error {
	s := o.server
	delivered := failure == nil && answer.Accepted()
	given := !delivered && (was.attempts >= maxAttempts || failure == nil && answer.Permanent())
	err := s.change(o.ctx, token, s.decodeAny, func(rec *record) error {
		if rec.attempts != was.attempts || rec.wake.IsZero() {
			return nil // somebody else took over
		}
		rec.wake, rec.changed = time.Time{}, true
		if !delivered && !given {
			rec.attempts = max(rec.attempts, 1)
			rec.wake = s.cfg.Now().Add(delay(rec.attempts, answer))
		}
		return nil
	})
	o.report(token, delivered, given, answer, failure)
	return err
}

func delay(attempts uint8, answer *callback.Answer) time.Duration {
	if answer == nil {
		return callback.Backoff(int(attempts), 0)
	}
	return callback.Backoff(int(attempts), answer.RetryAfter)
}

// report counts and logs an attempt. The receiver's text is not logged: it may
// repeat what it was sent.
func (o *outbox) report(token irma.ClientToken, delivered, given bool, answer *callback.Answer, failure error) {
	o.mu.Lock()
	switch {
	case delivered:
		o.stats.Delivered++
	case given:
		o.stats.Abandoned++
	default:
		o.stats.Failed++
	}
	o.mu.Unlock()
	if delivered {
		return
	}
	fields := []zap.Field{sessionField(token), zap.Bool("abandoned", given), zap.Error(failure)}
	if answer != nil {
		fields = append(fields, zap.Int("status", answer.Status))
	}
	o.server.log.Named("callback").Warn("result was not accepted", fields...)
}

// enter reserves an attempt at a host, unless it has enough.
func (o *outbox) enter(host string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hosts[host] >= maxDeliveriesPerHost && !o.draining {
		return false
	}
	o.hosts[host]++
	return true
}

func (o *outbox) leave(host string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hosts[host]--; o.hosts[host] == 0 {
		delete(o.hosts, host)
	}
}

// postpone gives an attempt back that has not been made.
func (o *outbox) postpone(token irma.ClientToken, was *record) error {
	s := o.server
	return s.change(o.ctx, token, s.decodeAny, func(rec *record) error {
		if rec.attempts == was.attempts && !rec.wake.IsZero() {
			rec.attempts = max(rec.attempts, 1)
			rec.wake, rec.changed = s.cfg.Now().Add(hostDelay), true
		}
		return nil
	})
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
	o.mu.Lock()
	if o.workers == 0 {
		o.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	o.idle = idle
	o.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		o.cancel()
		<-idle
		return ctx.Err()
	}
}

// takeAll queues a last attempt for every result that waits in a store which
// ends with this server.
func (o *outbox) takeAll(ctx context.Context) {
	s := o.server
	horizon := s.cfg.Now().Add(2 * time.Hour)
	for ctx.Err() == nil {
		tokens, _, err := s.sessions.Due(ctx, horizon, deadlineBatch)
		if err != nil {
			s.log.Warn("looking for results to post failed", zap.Error(err))
			return
		}
		for _, token := range tokens {
			o.hasten(ctx, irma.ClientToken(token))
		}
		if len(tokens) < deadlineBatch {
			return
		}
	}
}

// hasten makes a waiting attempt due at once.
func (o *outbox) hasten(ctx context.Context, token irma.ClientToken) {
	s := o.server
	waiting := false
	err := s.change(ctx, token, s.decodeAny, func(rec *record) error {
		waiting = rec.status.Finished() && !rec.wake.IsZero() && rec.attempts > 0 && !rec.changed
		if waiting && rec.wake.After(s.cfg.Now()) {
			rec.wake, rec.changed = s.cfg.Now(), true
		}
		return nil
	})
	if err == nil && waiting {
		o.add(delivery{token: token})
	}
}

// callbackMessage returns the host and the message that tell a requestor the
// result of its session.
func (s *Server) callbackMessage(token irma.ClientToken, rec *record) (string, callback.Message, error) {
	stored, err := rec.stored()
	if err != nil {
		return "", callback.Message{}, err
	}
	body, contentType, err := s.signedOutcome(rec, stored, nil)
	if err != nil {
		return "", callback.Message{}, err
	}
	id := digest("callback", string(token))
	message := callback.Message{
		URL:         callback.CallbackURL(stored.CallbackURL),
		ContentType: contentType,
		Body:        body,
		ID:          hex.EncodeToString(id[:16]),
	}
	host := ""
	if u, err := url.Parse(message.URL); err == nil {
		host = u.Host
	}
	return host, message, nil
}
