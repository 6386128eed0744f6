package irmaserver

import (
	"context"
	"sync"

	"github.com/irmad/irmaserver/irma"
)

const (
	// maxDeliveries is how many results are posted at once, and
	// maxDeliveriesPerHost to one host.
	maxDeliveries        = 256
	maxDeliveriesPerHost = 32

	// firstDeliveries is how many results are posted at once to a host that
	// nothing is known of.
	firstDeliveries = 4

	// maxQueued is how many deliveries wait in memory, and maxQueuedPerHost for
	// one host. More are taken from the store later.
	maxQueued        = 1 << 16
	maxQueuedPerHost = maxQueued / 4

	// maxSilence is how many attempts in a row a host may leave unanswered
	// until the ones that wait for it are put off.
	maxSilence = 4
)

// delivery is one attempt at posting the result of a session.
type delivery struct {
	token  irma.ClientToken
	leased bool          // by the session's end: nobody else makes this attempt
	hasty  bool          // made even if the record says later
	done   chan struct{} // closed after the attempt
	host   *host         // at which it has a turn, or waits for one; nil until known
	putOff bool          // the attempt is not made, but to be scheduled again
}

// host is a receiver with attempts that are being made or wait.
type host struct {
	name    string
	limit   int // of running attempts
	running int
	silence int // how many attempts in a row got no answer
	waiting []*delivery
}

// queue holds the deliveries that wait for their turn in this process, at most
// one per session. A host that accepts gets more attempts at once, one that does
// not answer fewer, and what waits for it is put off, so that silent hosts take
// little from the others.
type queue struct {
	ctx  context.Context // deliveries are dropped when it ends
	work func()          // takes deliveries until there are none

	mu       sync.Mutex // guards what follows
	known    map[irma.ClientToken]bool
	ready    []*delivery
	hosts    map[string]*host
	workers  int
	draining bool          // everything is taken that comes
	idle     chan struct{} // closed when the last worker ends; nil when nobody waits
}

// add queues a delivery. The channel is closed after it; or at once if this
// session's delivery is queued already, or if the queue is full: then the
// attempt is made when the store calls for it.
func (q *queue) add(d delivery) <-chan struct{} {
	d.done = make(chan struct{})
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.known[d.token] || len(q.known) >= maxQueued && !q.draining {
		close(d.done)
		return d.done
	}
	q.known[d.token] = true
	q.ready = append(q.ready, &d)
	q.employ()
	return d.done
}

// employ starts a worker for what was added, unless there are enough.
func (q *queue) employ() {
	if q.workers < maxDeliveries {
		q.workers++
		go q.work()
	}
}

// take returns the next delivery, or ends the worker.
func (q *queue) take() (*delivery, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ctx.Err() != nil {
		q.drop()
	}
	if len(q.ready) > 0 {
		d := q.ready[0]
		q.ready[0] = nil
		q.ready = q.ready[1:]
		return d, true
	}
	q.ready = nil
	q.workers--
	if q.workers == 0 && q.idle != nil {
		close(q.idle)
		q.idle = nil
	}
	return nil, false
}

// drop forgets the deliveries that wait. Their records stay.
func (q *queue) drop() {
	dropped := q.ready
	for _, h := range q.hosts {
		dropped = append(dropped, h.waiting...)
		h.waiting = nil
	}
	for _, d := range dropped {
		delete(q.known, d.token)
		close(d.done)
	}
	q.ready = nil
}

// enter reports whether it is the delivery's turn at its host. If not, the
// delivery comes back from take when it is, or to be put off.
func (q *queue) enter(d *delivery, name string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := q.hosts[name]
	if h == nil {
		h = &host{name: name, limit: firstDeliveries}
		q.hosts[name] = h
	}
	switch {
	case len(h.waiting) == 0 && h.running < q.limit(h):
		d.host = h
		h.running++
		return true
	case len(h.waiting) < maxQueuedPerHost:
		d.host = h
		h.waiting = append(h.waiting, d)
	default:
		d.putOff = true
		q.ready = append(q.ready, d)
	}
	return false
}

func (q *queue) limit(h *host) int {
	if q.draining {
		return maxDeliveriesPerHost
	}
	return h.limit
}

// leave ends a delivery. Its host's turn goes to the next one, after learning
// from this one whether the host answers.
func (q *queue) leave(d *delivery, heard reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.known, d.token)
	close(d.done)
	h := d.host
	if h == nil || d.putOff {
		return
	}
	h.learn(heard)
	h.running--
	for len(h.waiting) > 0 && h.running < q.limit(h) && h.silence < maxSilence {
		h.running++
		q.recall(h, false)
	}
	for len(h.waiting) > 0 && h.silence >= maxSilence {
		q.recall(h, true)
	}
	if h.running == 0 {
		delete(q.hosts, h.name)
	}
}

// recall makes the first delivery that waits for a host ready.
func (q *queue) recall(h *host, putOff bool) {
	d := h.waiting[0]
	h.waiting[0] = nil
	h.waiting = h.waiting[1:]
	d.putOff = putOff
	q.ready = append(q.ready, d)
	q.employ()
}

func (h *host) learn(heard reply) {
	switch heard {
	case silent:
		h.silence++
		h.limit = max(h.limit/2, 1)
	case accepted:
		h.silence = 0
		h.limit = min(h.limit+1, maxDeliveriesPerHost)
	case otherwise:
		h.silence = 0
	}
}

// reply is what an attempt tells about a host.
type reply int

const (
	otherwise reply = iota // that it does not accept, or nothing
	silent
	accepted
)

// drained waits until the queue is empty, or until ctx ends and giveUp has made
// it so.
func (q *queue) drained(ctx context.Context, giveUp func()) error {
	q.mu.Lock()
	if q.workers == 0 {
		q.mu.Unlock()
		return nil
	}
	if q.idle == nil {
		q.idle = make(chan struct{})
	}
	idle := q.idle
	q.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		giveUp()
		<-idle
		return ctx.Err()
	}
}
