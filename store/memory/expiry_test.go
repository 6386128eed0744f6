package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// pollDue calls Due as the engine does, until a time, and returns how many keys
// it handed out.
func pollDue(t *testing.T, s store.Store, until time.Time) int {
	t.Helper()
	handed := 0
	for time.Now().Before(until) {
		keys, next, err := s.Due(t.Context(), time.Now(), 100)
		if err != nil {
			t.Fatalf("Due: %v", err)
		}
		handed += len(keys)
		time.Sleep(time.Until(next))
	}
	return handed
}

// TestMemoryIsGivenBack checks that expired records do not stay, near and far
// apart, and whether or not they are due as well.
func TestMemoryIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := memory.New(memory.Config{})
		now := time.Now()
		for i := range 3000 {
			d := time.Duration(i+1) * time.Second
			rec := store.Record{Expires: now.Add(d)}
			if i%2 == 0 {
				rec.Due = now.Add(d / 2)
			}
			if err := s.Create(t.Context(), fmt.Sprint(i), rec); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.Len(); got != 3000 {
			t.Errorf("Len is %d, want 3000", got)
		}
		pollDue(t, s, now.Add(1500*time.Second))
		if got := s.Len(); got < 1500 || got > 1501 {
			t.Errorf("Len is %d halfway, want 1500", got)
		}
		pollDue(t, s, now.Add(3002*time.Second))
		if got := s.Len(); got != 0 {
			t.Errorf("Len is %d after all have expired, want 0", got)
		}
	})
}

// TestDueAcrossTurns checks times on either side of full turns of the wheel.
func TestDueAcrossTurns(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{
		time.Nanosecond, time.Second, 1023 * time.Second, 1024 * time.Second, 1025 * time.Second,
		2048*time.Second + time.Millisecond, 24 * time.Hour,
	} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := memory.New(memory.Config{})
				at := time.Now().Add(d)
				if err := s.Create(t.Context(), "a", store.Record{Due: at}); err != nil {
					t.Fatal(err)
				}
				if got := pollDue(t, s, at); got != 0 {
					t.Errorf("handed out %d times before its time", got)
				}
				if got := pollDue(t, s, at.Add(store.Tick+time.Millisecond)); got != 1 {
					t.Errorf("handed out %d times within a tick, want once", got)
				}
			})
		})
	}
}

// TestDueClock checks that a clock that jumps ahead or is set back loses nothing.
func TestDueClock(t *testing.T) {
	t.Parallel()
	start := time.Now()
	steps := []struct {
		name string
		at   time.Duration // of the call of Due
		due  bool
	}{
		{"early", 0, false},
		{"years ahead", 24 * time.Hour * 3650, true},
		{"back", 30 * time.Second, false},
		{"before its time", 59 * time.Second, false},
		{"in time", 61 * time.Second, true},
		{"before the epoch", -24 * time.Hour * 36500, false},
		{"in time again", 62 * time.Second, true},
	}
	s := memory.New(memory.Config{Now: func() time.Time { return start }})
	if err := s.Create(t.Context(), "a", store.Record{Due: start.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		keys, _, err := s.Due(t.Context(), start.Add(step.at), 10)
		if err != nil || (len(keys) == 1) != step.due {
			t.Errorf("%s: Due returned %q, %v; want it handed out: %v", step.name, keys, err, step.due)
		}
		if len(keys) == 1 {
			rec, err := s.Load(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Swap(t.Context(), "a", rec); err != nil { // ends the claim
				t.Fatal(err)
			}
		}
	}
}

// TestNow checks that records expire by the configured clock.
func TestNow(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	s := memory.New(memory.Config{Now: func() time.Time { return now }})
	if err := s.Create(t.Context(), "a", store.Record{Expires: now.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute - 1)
	if _, err := s.Load(t.Context(), "a"); err != nil {
		t.Errorf("just before expiry: %v", err)
	}
	now = now.Add(1)
	if _, err := s.Load(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("at expiry: error is %v, want %v", err, store.ErrNotFound)
	}
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Errorf("creating in the place of an expired record: %v", err)
	}
	if _, _, err := s.Due(t.Context(), now.Add(time.Minute), 1); err != nil {
		t.Fatal(err)
	}
	if got := s.Len(); got != 1 {
		t.Errorf("Len is %d after the old record was given back, want 1 for the new", got)
	}
}

// TestExtremeTimes checks that instants outside the range of the store are
// clamped rather than wrapped.
func TestExtremeTimes(t *testing.T) {
	t.Parallel()
	s := memory.New(memory.Config{})
	far := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	ancient := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)
	if err := s.Create(t.Context(), "a", store.Record{Due: ancient, Expires: far}); err != nil {
		t.Fatal(err)
	}
	rec, err := s.Load(t.Context(), "a")
	if err != nil || rec.Expires.Year() < 2262 {
		t.Errorf("record expires %v, error %v; want an expiry not before 2262", rec.Expires, err)
	}
	keys, _, err := s.Due(t.Context(), time.Now().Add(store.Tick), 1)
	if err != nil || len(keys) != 1 {
		t.Errorf("Due returned %q, %v; want the key whose time is long past", keys, err)
	}
	if err := s.Create(t.Context(), "b", store.Record{Expires: ancient}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), "b"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("record that expired long ago: error is %v, want %v", err, store.ErrNotFound)
	}
}

// TestWatchExpiryIsPunctual checks that watchers need no Due to learn of an expiry.
func TestWatchExpiryIsPunctual(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := memory.New(memory.Config{})
		at := time.Now().Add(90*time.Second + time.Nanosecond)
		if err := s.Create(t.Context(), "a", store.Record{Expires: at}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Watch(context.Background(), "a", 1)
		if !errors.Is(err, store.ErrNotFound) || !time.Now().Equal(at) {
			t.Errorf("watch ended %v after expiry with %v, want 0s and %v", time.Since(at), err, store.ErrNotFound)
		}
	})
}
