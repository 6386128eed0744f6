package irmaserver

import (
	"context"
	"fmt"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

// idleQueue returns a queue without workers.
func idleQueue(t *testing.T) *queue {
	t.Helper()
	return &queue{ctx: t.Context(), work: func() {}, known: make(map[irma.ClientToken]bool), hosts: make(map[string]*host)}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	if closed(q.add(delivery{token: "0"})) || !closed(q.add(delivery{token: "0"})) {
		t.Error("a session is queued twice, or never")
	}
	for i := 1; i < maxQueued; i++ {
		if closed(q.add(delivery{token: irma.ClientToken(fmt.Sprint(i))})) {
			t.Fatalf("delivery %d was not queued", i)
		}
	}
	if !closed(q.add(delivery{token: "one more"})) || len(q.ready) != maxQueued {
		t.Errorf("%d deliveries wait", len(q.ready))
	}
	if q.workers != maxDeliveries {
		t.Errorf("%d workers", q.workers)
	}
	q.draining = true
	if closed(q.add(delivery{token: "one more"})) {
		t.Error("a draining queue refuses a delivery")
	}
}

func TestQueueTurns(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	var entered, waiting []*delivery
	for i := range 3 * firstDeliveries {
		q.add(delivery{token: irma.ClientToken(fmt.Sprint(i))})
		d, _ := q.take()
		if q.enter(d, "host") {
			entered = append(entered, d)
		} else {
			waiting = append(waiting, d)
		}
	}
	if len(entered) != firstDeliveries {
		t.Fatalf("%d entered", len(entered))
	}
	// An accepted one makes room for itself and one more, in order.
	q.leave(entered[0], accepted)
	for i := range 2 {
		if d, _ := q.take(); d != waiting[i] || d.putOff {
			t.Errorf("turn %d goes to %+v", i, d)
		}
	}
	// Silence puts off all that wait.
	for _, d := range append(entered[1:], waiting[:2]...) {
		q.leave(d, silent)
	}
	for i := 2; i < len(waiting); i++ {
		d, _ := q.take()
		if d != waiting[i] || !d.putOff {
			t.Errorf("%d: not put off: %+v", i, d)
		}
		q.leave(d, otherwise)
	}
	if len(q.known)+len(q.ready)+len(q.hosts) != 0 {
		t.Errorf("left are %v, %v, %v", q.known, q.ready, q.hosts)
	}
}

func TestQueuePutsOffTooMany(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	for i := range firstDeliveries + maxQueuedPerHost {
		q.add(delivery{token: irma.ClientToken(fmt.Sprint(i))})
		d, _ := q.take()
		if q.enter(d, "host") != (i < firstDeliveries) || d.putOff {
			t.Fatalf("%d: %+v", i, d)
		}
	}
	q.add(delivery{token: "one more"})
	d, _ := q.take()
	if q.enter(d, "host") || !d.putOff {
		t.Error("too many wait for one host")
	}
	q.add(delivery{token: "elsewhere"})
	if back, _ := q.take(); back != d {
		t.Error("what is put off does not come back")
	}
	if d, _ := q.take(); !q.enter(d, "other host") {
		t.Error("another host is held up")
	}
}

func TestQueueDrops(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	var cancel context.CancelFunc
	q.ctx, cancel = context.WithCancel(t.Context())
	var done []<-chan struct{}
	for i := range 10 {
		done = append(done, q.add(delivery{token: irma.ClientToken(fmt.Sprint(i))}))
		if d, _ := q.take(); i < 8 {
			q.enter(d, "host")
		} else {
			q.ready = append(q.ready, d)
		}
	}
	cancel()
	if d, ok := q.take(); ok {
		t.Errorf("after the end there is %+v", d)
	}
	for i, c := range done {
		if closed(c) != (i >= firstDeliveries) {
			t.Errorf("delivery %d: %t", i, closed(c))
		}
	}
}
