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
	l.start(session{name: "a", requestor: "shop"}, now)
	l.start(session{name: "a", requestor: "city"}, now)
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
