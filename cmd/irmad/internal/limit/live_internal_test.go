package limit

import (
	"testing"
	"time"
)

// Sessions are known by short digests of their tokens, which differ only almost
// always.
func TestLiveSameName(t *testing.T) {
	t.Parallel()
	l, now := newLive(time.Minute), time.Unix(1e9, 0)
	l.start(session{name: "a", requestor: "shop"}, 0, now)
	l.start(session{name: "a", requestor: "city"}, 0, now)
	if l.started.Len() != 1 || l.requestors["shop"] != 0 || l.requestors["city"] != 1 {
		t.Errorf("%d sessions, by requestor %v; want one, of city", l.started.Len(), l.requestors)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.expire(now.Add(time.Hour))
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("expire goes on forever")
	}
	if l.started.Len() != 0 || len(l.sessions) != 0 || len(l.requestors) != 0 {
		t.Errorf("%d sessions are left, by requestor %v; want none", l.started.Len(), l.requestors)
	}
}

// A request can let its session wait for a wallet longer than others: it counts as
// long as it can be open.
func TestLiveLong(t *testing.T) {
	t.Parallel()
	l, now := newLive(time.Minute), time.Unix(1e9, 0)
	l.start(session{name: "long", requestor: "shop"}, 10*time.Minute, now)
	l.start(session{name: "short", requestor: "shop"}, time.Second, now)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{59 * time.Second, 2}, {time.Minute, 1}, {5 * time.Minute, 1}, {10*time.Minute - 1, 1}, {12 * time.Minute, 0}} {
		l.expire(now.Add(step.after))
		if got := l.requestors["shop"]; got != step.want || got != l.started.Len() {
			t.Errorf("after %s: %d sessions count, %d are known; want %d", step.after, got, l.started.Len(), step.want)
		}
	}
}
