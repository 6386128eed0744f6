package irmaserver

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	if q.workers != maxWorkers {
		t.Errorf("%d workers", q.workers)
	}
	q.draining = true
	if closed(q.add(delivery{token: "one more"})) {
		t.Error("a draining queue refuses a delivery")
	}
}

// enterNew queues a delivery and lets it enter a host.
func (q *queue) enterNew(token, host string) (*delivery, bool) {
	q.add(delivery{token: irma.ClientToken(token)})
	d, _ := q.take()
	return d, q.enter(d, host)
}

// entering queues deliveries for a host and returns those that have a turn.
func (q *queue) entering(host string, n int) []*delivery {
	var out []*delivery
	for i := range n {
		if d, turn := q.enterNew(fmt.Sprint(host, "/", i), host); turn {
			out = append(out, d)
		}
	}
	return out
}

// TestQueueTurns lets a host have as many attempts as it has shown to take.
func TestQueueTurns(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	running := q.entering("host", 10)
	if len(running) != 1 {
		t.Fatalf("%d attempts at a new host", len(running))
	}
	step := func(heard reply, want ...string) {
		t.Helper()
		q.leave(running[0], heard)
		running = running[1:]
		var got []string
		for len(q.ready) > 0 {
			d, _ := q.take()
			got = append(got, fmt.Sprint(d.token, d.putOff))
			if running = append(running, d); d.putOff {
				running = running[:len(running)-1]
				q.leave(d, nothing)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %d (-want +got):\n%s", heard, diff)
		}
	}
	step(accepted, "host/1false", "host/2false")
	step(refused, "host/3false")
	step(nothing, "host/4false")
	step(silent) // one is still running
	step(silent, "host/5false")
	step(silent, "host/6false")
	step(nothing, "host/7false")
	step(silent, "host/8true", "host/9true")
	if len(running)+len(q.known)+len(q.ready) != 0 || q.lanes[quiet].running+q.lanes[answering].running+q.lanes[unheard].running != 0 {
		t.Errorf("left are %v, %v, %v", q.known, q.ready, q.lanes)
	}
	// It is remembered, until it answers.
	if d := q.entering("host", 2); len(d) != 1 || d[0].lane != quiet {
		t.Errorf("then %d attempts run: %+v", len(d), d)
	} else {
		q.leave(d[0], accepted)
	}
	if d, _ := q.take(); d.putOff || d.lane != answering {
		t.Errorf("when it is back: %+v", d)
	}
}

// TestQueueLanes fills the places for new and for silent hosts: others have
// theirs.
func TestQueueLanes(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	enter := func(host string, turn bool, lane standing, patience time.Duration) *delivery {
		t.Helper()
		d, got := q.enterNew(host+fmt.Sprint(len(q.known)), host)
		if got != turn || turn && (d.lane != lane || d.patience != patience) {
			t.Fatalf("%s: %t %+v, want %t %v %v", host, got, d, turn, lane, patience)
		}
		return d
	}
	q.leave(enter("healthy", true, unheard, attemptTimeout), accepted)
	var dead []*delivery
	for i := range unheardPlaces {
		patience := attemptTimeout
		if i >= unheardPlaces/2 {
			patience = shortPatience
		}
		dead = append(dead, enter(fmt.Sprint("dead", i), true, unheard, patience))
	}
	late := enter("late", false, 0, 0)
	q.leave(enter("healthy", true, answering, attemptTimeout), accepted)
	for i, d := range dead {
		q.leave(d, silent)
		if i == 0 {
			if next, _ := q.take(); next != late || late.host == nil {
				t.Errorf("a free place goes to %+v", next)
			}
		}
	}
	for i := range dead {
		enter(fmt.Sprint("dead", i), i < quietPlaces, quiet, attemptTimeout)
	}
	q.leave(enter("new", true, unheard, attemptTimeout), silent)
	enter("new", false, 0, 0)
	q.leave(enter("healthy", true, answering, attemptTimeout), silent)
	enter("healthy", true, answering, attemptTimeout) // one lapse is no silence
}

// TestQueueSharesLane gives hosts in a line turns, whatever they have waiting.
func TestQueueSharesLane(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	var blocking []*delivery
	for i := range answeringPlaces {
		name := fmt.Sprint(i)
		q.leave(q.entering(name, 1)[0], accepted)
		blocking = append(blocking, q.entering(name, 1)...)
	}
	for _, name := range []string{"a", "b"} {
		q.leave(q.entering(name, 1)[0], accepted)
		if got := q.entering(name, 5); len(got) != 0 {
			t.Fatalf("%d attempts of %s run", len(got), name)
		}
	}
	var got []string
	for range 4 {
		q.leave(blocking[0], accepted)
		blocking = blocking[1:]
		d, _ := q.take()
		got = append(got, string(d.token))
	}
	if diff := cmp.Diff([]string{"a/0", "b/0", "a/1", "b/1"}, got); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

// TestQueueForgetsHosts remembers a limited number of hosts.
func TestQueueForgetsHosts(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	for i := range maxHosts + 10 {
		q.leave(q.entering(fmt.Sprint("host", i), 1)[0], accepted)
		q.leave(q.entering("regular", 1)[0], accepted)
	}
	if len(q.hosts) != maxHosts || q.resting.Len() != maxHosts || q.hosts["regular"] == nil || q.hosts["host0"] != nil {
		t.Errorf("%d hosts, %d at rest", len(q.hosts), q.resting.Len())
	}
}

func TestQueuePutsOffTooMany(t *testing.T) {
	t.Parallel()
	q := idleQueue(t)
	for i := range 1 + maxQueuedPerHost {
		if d, turn := q.enterNew(fmt.Sprint(i), "host"); turn != (i == 0) || d.putOff {
			t.Fatalf("%d: %+v", i, d)
		}
	}
	d, turn := q.enterNew("one more", "host")
	if turn || !d.putOff {
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
		if closed(c) != (i >= 1) {
			t.Errorf("delivery %d: %t", i, closed(c))
		}
	}
}
