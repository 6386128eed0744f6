package irmaserver_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// slowStore takes its time for each record that it reads or writes. It counts how
// many it works on at once.
type slowStore struct {
	store.Store
	pace time.Duration

	mu            sync.Mutex // guards what follows
	running, most int
	writes        map[string]int // by key
}

func (s *slowStore) work() {
	s.mu.Lock()
	s.running++
	s.most = max(s.most, s.running)
	s.mu.Unlock()
	time.Sleep(s.pace)
	s.mu.Lock()
	s.running--
	s.mu.Unlock()
}

func (s *slowStore) Load(ctx context.Context, key string) (store.Record, error) {
	s.work()
	return s.Store.Load(ctx, key)
}

func (s *slowStore) Swap(ctx context.Context, key string, rec store.Record) error {
	s.work()
	s.mu.Lock()
	s.writes[key]++
	s.mu.Unlock()
	return s.Store.Swap(ctx, key, rec)
}

// ends counts the sessions that an observer hears the end of.
type ends struct {
	mu   sync.Mutex
	seen map[string]int // by session
}

func (e *ends) Session(_ context.Context, event irmaserver.SessionEvent) {
	if event.Status == irma.StatusTimeout {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.seen[event.Session]++
	}
}
func (e *ends) Crypto(irmaserver.CryptoEvent)     {}
func (e *ends) Callback(irmaserver.CallbackEvent) {}

func (e *ends) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.seen)
}

// inSlowBubble runs a test with a server on a slow store, and with as many
// sessions as time out after ten seconds of virtual time.
func inSlowBubble(t *testing.T, pace time.Duration, sessions int, test func(t *testing.T, s *irmaserver.Server, slow *slowStore, over *ends)) {
	t.Helper()
	schemes := demoSchemes(t)
	synctest.Test(t, func(t *testing.T) {
		slow := &slowStore{Store: memory.New(memory.Config{}), pace: pace, writes: map[string]int{}}
		over := &ends{seen: map[string]int{}}
		s, err := irmaserver.New(irmaserver.Config{Schemes: schemes, Store: slow, Observer: over, PrimePool: -1})
		if err != nil {
			t.Fatal(err)
		}
		for range sessions {
			startDisclosure(t, s, 10)
		}
		test(t, s, slow, over)
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestManyTimeouts has a thousand sessions time out at once, in a store that
// takes a tenth of a second for a read and a write: each ends once, within seconds,
// and the store is not asked for all at the same time.
func TestManyTimeouts(t *testing.T) {
	t.Parallel()
	const sessions, atOnce = 1000, 32
	inSlowBubble(t, 50*time.Millisecond, sessions, func(t *testing.T, _ *irmaserver.Server, slow *slowStore, over *ends) {
		time.Sleep(10 * time.Second)
		begin := time.Now()
		for over.count() < sessions && time.Since(begin) < time.Minute {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%d of %d sessions had ended after %v", over.count(), sessions, took)
		}
		time.Sleep(30 * time.Second) // nothing is done again
		for key, writes := range slow.writes {
			if writes != 1 {
				t.Errorf("session %s was written %d times", key, writes)
			}
		}
		for session, times := range over.seen {
			if times != 1 {
				t.Errorf("the end of session %s was told %d times", session, times)
			}
		}
		if len(slow.writes) != sessions || slow.most != atOnce {
			t.Errorf("%d sessions written, up to %d at once; want %d and %d", len(slow.writes), slow.most, sessions, atOnce)
		}
	})
}

// TestCloseAmidTimeouts closes a server that attends to many sessions: it ends those
// that the store has handed out, 32 at a time, and asks for no more.
func TestCloseAmidTimeouts(t *testing.T) {
	t.Parallel()
	const (
		pace            = 3 * time.Second
		claimed, atOnce = 256, 32
	)
	inSlowBubble(t, pace, 500, func(t *testing.T, s *irmaserver.Server, slow *slowStore, _ *ends) {
		time.Sleep(11*time.Second + pace/2)
		begin := time.Now()
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > claimed/atOnce*2*pace {
			t.Errorf("closing took %v", took)
		}
		if len(slow.writes) != claimed {
			t.Errorf("%d sessions were written", len(slow.writes))
		}
	})
}
