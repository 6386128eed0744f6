package irmaserver

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/irmad/irmaserver/irma"
)

const (
	// maxDeliveriesPerHost is how many results are posted at once to one host.
	maxDeliveriesPerHost = 32

	// lastDeliveries is how many results are posted at once to a host that is
	// not known to answer, when the server closes.
	lastDeliveries = 4

	// maxWorkers is enough to use all places, and for what takes none.
	maxWorkers = unheardPlaces + answeringPlaces + quietPlaces + 32

	// maxQueued is how many deliveries wait in memory, and maxQueuedPerHost for
	// one host. More are taken from the store later.
	maxQueued        = 1 << 16
	maxQueuedPerHost = maxQueued / 4

	// maxHosts is how many hosts without deliveries are remembered.
	maxHosts = 1 << 13
)

// delivery is one attempt at posting the result of a session.
type delivery struct {
	token    irma.ClientToken
	leased   bool          // by the session's end: nobody else makes this attempt
	hasty    bool          // made even if the record says later
	done     chan struct{} // closed after the attempt
	host     *host         // at which it has a turn; nil before that
	lane     standing      // in which it has a place, with its turn
	patience time.Duration // how long the host may take, with its turn
	putOff   bool          // the attempt is not made, but to be scheduled again
}

// queue holds the deliveries that wait for their turn in this process, at most
// one per session. A host gets one attempt at a time until it answers, and more
// at once with each result that it accepts; what waits for one that stays silent
// is put off. Hosts that answer, hosts that are new and hosts that are silent
// have places of their own, so that none takes them from others.
type queue struct {
	ctx  context.Context // deliveries are dropped when it ends
	work func()          // takes deliveries until there are none

	mu       sync.Mutex // guards what follows
	known    map[irma.ClientToken]bool
	ready    []*delivery
	hosts    map[string]*host
	resting  list.List // of hosts without deliveries, the longest without first
	lanes    [standings]lane
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
	if q.workers < maxWorkers {
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
		h.waiting, h.lined = nil, false
	}
	for i := range q.lanes {
		q.lanes[i].line = nil
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
	h := q.host(name)
	switch {
	case len(h.waiting) == 0 && h.running < q.limit(h) && q.free(h.standing()):
		q.start(d, h)
		return true
	case len(h.waiting) < maxQueuedPerHost:
		h.waiting = append(h.waiting, d)
		q.line(h)
		q.serve(h.standing())
	default:
		d.putOff = true
		q.ready = append(q.ready, d)
	}
	return false
}

// leave ends a delivery. Its place goes to the next one, after learning from
// this one whether the host answers.
func (q *queue) leave(d *delivery, heard reply) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.known, d.token)
	close(d.done)
	h := d.host
	if h == nil {
		return
	}
	h.running--
	q.lanes[d.lane].running--
	q.learn(h, heard)
	for len(h.waiting) > 0 && h.silence >= maxSilence {
		next := h.next()
		next.putOff = true
		q.recall(next)
	}
	q.line(h)
	q.serve(h.standing())
	q.serve(d.lane)
	if h.running == 0 && len(h.waiting) == 0 {
		q.rest(h)
	}
}

// recall makes a delivery ready that waited for its host.
func (q *queue) recall(d *delivery) {
	q.ready = append(q.ready, d)
	q.employ()
}

// host returns what is known of a host, which has a delivery now.
func (q *queue) host(name string) *host {
	h := q.hosts[name]
	if h == nil {
		h = &host{name: name, limit: 1}
		q.hosts[name] = h
	}
	if h.rest != nil {
		q.resting.Remove(h.rest)
		h.rest = nil
	}
	return h
}

// rest remembers a host that has no deliveries left, rather than one that has
// had none for longer.
func (q *queue) rest(h *host) {
	h.rest = q.resting.PushBack(h)
	if q.resting.Len() > maxHosts {
		forgotten := q.resting.Remove(q.resting.Front()).(*host)
		delete(q.hosts, forgotten.name)
	}
}

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
