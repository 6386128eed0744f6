package storetest

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

// dueAt returns a record that is due at a time and does not expire.
func dueAt(at time.Time) store.Record {
	return store.Record{Data: []byte("data"), Due: at}
}

func testDue(t *testing.T, s store.Store) {
	now := time.Now()
	minute, hour := now.Add(time.Minute), now.Add(time.Hour)
	create(t, s, "never", data("data"))
	create(t, s, "minute", dueAt(minute))
	create(t, s, "hour", dueAt(hour))
	create(t, s, "year", dueAt(now.AddDate(1, 0, 0)))
	create(t, s, "past", dueAt(now.Add(-time.Hour)))

	expectDue(t, s, now.Add(store.Tick), "past")
	expectDue(t, s, minute.Add(-10*time.Millisecond), "past") // its claim has passed
	swap(t, s, "past", store.Record{Revision: 1})
	expectDue(t, s, minute.Add(store.Tick), "minute")
	swap(t, s, "minute", store.Record{Revision: 1})
	expectDue(t, s, hour.Add(store.Tick), "hour")

	expect(t, load(t, s, "hour"), "data", 1) // being handed out is not a write
}

// testDueNext checks when Due wants to be asked again, and that a caller who
// keeps to it gets a key at most a Tick late and never early.
func testDueNext(t *testing.T, s store.Store) {
	now := time.Now()
	at := now.Add(5*store.Tick + store.Tick/3)
	create(t, s, "a", dueAt(at))
	for {
		keys, next, err := s.Due(t.Context(), now, 1)
		if err != nil {
			t.Fatalf("Due: %v", err)
		}
		if len(keys) > 0 {
			break
		}
		if !next.After(now) || next.Sub(now) > store.Tick {
			t.Fatalf("next is %v after now, want more than 0 and at most %v", next.Sub(now), store.Tick)
		}
		if now = next; now.Sub(at) > store.Tick {
			t.Fatalf("not handed out %v after its time", now.Sub(at))
		}
	}
	if now.Before(at) {
		t.Errorf("handed out %v before its time", at.Sub(now))
	}
}

func testDueClaim(t *testing.T, s store.Store) {
	now := time.Now().Add(time.Minute)
	create(t, s, "a", dueAt(time.Now()))
	expectDue(t, s, now, "a")
	expectDue(t, s, now)
	expectDue(t, s, now.Add(store.Claim-10*time.Millisecond))
	now = now.Add(store.Claim + store.Tick)
	expectDue(t, s, now, "a")
	expectDue(t, s, now)
}

// testDueSwap checks that the due time of the last write is the one that counts.
func testDueSwap(t *testing.T, s store.Store) {
	now := time.Now()
	minute := now.Add(time.Minute)
	at := map[string]time.Time{
		"earlier": now.Add(-store.Tick), "later": now.Add(time.Hour), "dropped": {}, "again": minute,
	}
	for key := range at {
		create(t, s, key, dueAt(now.Add(30*time.Second)))
	}
	expectDue(t, s, minute, "earlier", "later", "dropped", "again")
	for key, due := range at { // ends the claim
		rec := dueAt(due)
		rec.Revision = 1
		swap(t, s, key, rec)
	}
	expectDue(t, s, minute.Add(store.Tick), "earlier", "again")
	swap(t, s, "earlier", store.Record{Revision: 2})
	swap(t, s, "again", store.Record{Revision: 2})
	expectDue(t, s, now.Add(time.Hour+store.Tick), "later")
}

// testDueLimit checks that no call exceeds its limit, that a caller who keeps
// asking gets all keys without waiting, and that nothing starves.
func testDueLimit(t *testing.T, s store.Store) {
	const records = 100
	for i := range records {
		create(t, s, strconv.Itoa(i), dueAt(time.Now()))
	}
	now := time.Now().Add(store.Tick)
	seen := map[string]bool{}
	for len(seen) < records {
		keys, next, err := s.Due(t.Context(), now, 7)
		if err != nil {
			t.Fatalf("Due: %v", err)
		}
		if len(keys) == 0 || len(keys) > 7 {
			t.Fatalf("Due handed out %d keys of the %d left, limit 7", len(keys), records-len(seen))
		}
		for _, key := range keys {
			if seen[key] {
				t.Fatalf("Due handed out %q twice", key)
			}
			seen[key] = true
		}
		if len(seen) < records && !next.Equal(now) {
			t.Fatalf("next is %v after now while %d keys are left", next.Sub(now), records-len(seen))
		}
	}
	expectDue(t, s, now)
}

func testDueExpired(t *testing.T, s store.Store) {
	rec := expiring(soon)
	rec.Due = time.Now()
	create(t, s, "a", rec)
	gone(t, s, "a", 1)
	expectDue(t, s, time.Now().Add(time.Minute))
}

// testConcurrentDue lets several servers share the work: each key goes to
// exactly one of them.
func testConcurrentDue(t *testing.T, s store.Store) {
	const records, servers = 200, 4
	for i := range records {
		create(t, s, strconv.Itoa(i), dueAt(time.Now()))
	}
	now := time.Now().Add(store.Tick)
	var mu sync.Mutex
	handed := map[string]int{}
	together(t, servers, func(ctx context.Context, _ int) error {
		for {
			keys, next, err := s.Due(ctx, now, 5)
			if err != nil {
				return err
			}
			mu.Lock()
			for _, key := range keys {
				handed[key]++
			}
			mu.Unlock()
			if next.After(now) {
				return nil
			}
		}
	})
	for key, n := range handed {
		if n != 1 {
			t.Errorf("%q was handed out %d times", key, n)
		}
	}
	if len(handed) != records {
		t.Errorf("%d keys were handed out, want %d", len(handed), records)
	}
}

// testDueRounds lets several servers do work round by round, each swap setting
// the time of the next. A claim keeps the others away from a record, so no swap
// is ever in conflict, and every record has its turn in every round.
func testDueRounds(t *testing.T, s store.Store) {
	const records, servers, rounds = 40, 4, 5
	now := time.Now()
	for i := range records {
		create(t, s, strconv.Itoa(i), dueAt(now))
	}
	for round := range rounds {
		now = now.Add(2 * store.Tick)
		together(t, servers, func(ctx context.Context, _ int) error { return workThrough(ctx, s, now) })
		for i := range records {
			if got := load(t, s, strconv.Itoa(i)).Revision; got != uint64(round+2) {
				t.Fatalf("record %d is at revision %d after round %d", i, got, round+1)
			}
		}
	}
}

// workThrough does the work there is now: it makes each record due again half a
// tick later.
func workThrough(ctx context.Context, s store.Store, now time.Time) error {
	for {
		keys, next, err := s.Due(ctx, now, 7)
		if err != nil {
			return fmt.Errorf("asking what is due: %w", err)
		}
		for _, key := range keys {
			rec, err := s.Load(ctx, key)
			if err != nil {
				return fmt.Errorf("loading what is due: %w", err)
			}
			rec.Due = now.Add(store.Tick / 2)
			if err := s.Swap(ctx, key, rec); err != nil {
				return fmt.Errorf("swapping %q at revision %d, which is claimed: %w", key, rec.Revision, err)
			}
		}
		if next.After(now) {
			return nil
		}
	}
}

// testDueStarvation checks that records nobody gets done with, whose claims pass
// again and again, do not keep others from being handed out.
func testDueStarvation(t *testing.T, s store.Store) {
	const records, limit = 30, 4
	now := time.Now()
	for i := range records {
		create(t, s, strconv.Itoa(i), dueAt(now.Add(time.Duration(i)*time.Millisecond)))
	}
	seen := map[string]bool{}
	calls := 0
	for ; len(seen) < records && calls < 4*records/limit; calls++ {
		now = now.Add(store.Claim + store.Tick)
		for key := range due(t, s, now, limit) {
			seen[key] = true
		}
	}
	if len(seen) < records {
		t.Errorf("%d of %d records were handed out in %d calls with limit %d", len(seen), records, calls, limit)
	}
}
