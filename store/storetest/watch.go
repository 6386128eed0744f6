package storetest

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

// testWatch checks that Watch goes by the stored revision, not by events: a
// change that came before it counts.
func testWatch(t *testing.T, s store.Store) {
	create(t, s, "a", data("one"))
	expect(t, watch(t, s, "a", 0), "one", 1)
	for revision := range uint64(3) {
		rec := data("data")
		rec.Revision = revision + 1
		swap(t, s, "a", rec)
	}
	expect(t, watch(t, s, "a", 0), "data", 4)
	expect(t, watch(t, s, "a", 3), "data", 4)

	together(t, 2, func(ctx context.Context, i int) error {
		if i == 0 {
			return s.Swap(ctx, "a", store.Record{Data: []byte("new"), Revision: 4})
		}
		rec, err := s.Watch(ctx, "a", 4)
		if err != nil {
			return fmt.Errorf("watching for revision 5: %w", err)
		}
		if string(rec.Data) != "new" || rec.Revision != 5 {
			return fmt.Errorf("watch returned %q at revision %d, want new at 5", rec.Data, rec.Revision)
		}
		return nil
	})
}

// testWatchEnds checks that a Watch without change ends with its context, and
// that others go on.
func testWatchEnds(t *testing.T, s store.Store) {
	create(t, s, "a", data("one"))
	create(t, s, "b", data("one"))
	long, cancel := context.WithCancel(deadline(t))
	short, cancelShort := context.WithTimeout(t.Context(), soon)
	defer cancelShort()
	together(t, 3, func(ctx context.Context, i int) error {
		switch i {
		case 0: // a change of another record is no change
			swap := store.Record{Data: []byte("two"), Revision: 1}
			if err := s.Swap(ctx, "b", swap); err != nil {
				return err
			}
			_, err := s.Watch(short, "a", 1)
			cancel()
			return wants(err, context.DeadlineExceeded)
		default:
			_, err := s.Watch(long, "a", 1)
			return wants(err, context.Canceled)
		}
	})
	swap(t, s, "a", store.Record{Data: []byte("two"), Revision: 1})
	expect(t, watch(t, s, "a", 1), "two", 2)
}

// testWatchExpiry checks that all watchers of a record learn of its end.
func testWatchExpiry(t *testing.T, s store.Store) {
	create(t, s, "a", expiring(time.Hour))
	together(t, 4, func(ctx context.Context, i int) error {
		if i == 0 { // the watchers began with another expiry in view
			rec := expiring(soon)
			rec.Revision = 1
			return s.Swap(ctx, "a", rec)
		}
		_, err := s.Watch(ctx, "a", 2)
		return wants(err, store.ErrNotFound)
	})
}

// testWatchAhead checks that a Watch waits for a revision that is several
// writes away.
func testWatchAhead(t *testing.T, s store.Store) {
	create(t, s, "a", data("0"))
	together(t, 2, func(ctx context.Context, i int) error {
		if i == 0 {
			rec, err := s.Watch(ctx, "a", 10)
			if err == nil && rec.Revision <= 10 {
				err = fmt.Errorf("watch for revision 11 returned %d", rec.Revision)
			}
			return err
		}
		for range 10 {
			if err := countUp(ctx, s, "a"); err != nil {
				return err
			}
		}
		return nil
	})
}

// testWatchLast checks that watchers who follow a record through many changes
// see revisions rise and always arrive at the last.
func testWatchLast(t *testing.T, s store.Store) {
	const writers, rounds, watchers = 2, 100, 4
	create(t, s, "a", data("0"))
	together(t, writers+watchers, func(ctx context.Context, i int) error {
		if i >= writers {
			return follow(ctx, s, "a", strconv.Itoa(writers*rounds))
		}
		for range rounds {
			if err := countUp(ctx, s, "a"); err != nil {
				return err
			}
		}
		return nil
	})
}

// follow watches a record until its data is last.
func follow(ctx context.Context, s store.Store, key, last string) error {
	var rec store.Record
	for string(rec.Data) != last {
		next, err := s.Watch(ctx, key, rec.Revision)
		if err != nil {
			return fmt.Errorf("watching after revision %d: %w", rec.Revision, err)
		}
		if next.Revision <= rec.Revision {
			return fmt.Errorf("watch after revision %d returned revision %d", rec.Revision, next.Revision)
		}
		rec = next
	}
	return nil
}

// testWatchRace lets watches and the only change they wait for begin at once.
// Whichever is first, the change is seen.
func testWatchRace(t *testing.T, s store.Store) {
	const records = 50
	for i := range records {
		create(t, s, strconv.Itoa(i), data("one"))
	}
	together(t, 3*records, func(ctx context.Context, i int) error {
		key := strconv.Itoa(i / 3)
		if i%3 == 0 {
			return s.Swap(ctx, key, store.Record{Data: []byte("two"), Revision: 1})
		}
		rec, err := s.Watch(ctx, key, 1)
		if err != nil {
			return fmt.Errorf("watching for the change of %s: %w", key, err)
		}
		if rec.Revision != 2 || string(rec.Data) != "two" {
			return fmt.Errorf("watch returned %q at revision %d", rec.Data, rec.Revision)
		}
		return nil
	})
}
