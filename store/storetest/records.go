package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

func testCreate(t *testing.T, s store.Store) {
	rec := data("first")
	rec.Revision = 7 // ignored
	create(t, s, "a", rec)
	expect(t, load(t, s, "a"), "first", 1)

	expectError(t, "second Create", s.Create(t.Context(), "a", data("second")), store.ErrExists)
	expect(t, load(t, s, "a"), "first", 1)
}

func testUnknown(t *testing.T, s store.Store) {
	absent(t, s, "a")
	create(t, s, "a", data("here"))
	absent(t, s, "b")
	absent(t, s, "")
}

func testSwap(t *testing.T, s store.Store) {
	create(t, s, "a", data("one"))
	create(t, s, "b", data("other"))
	rec := load(t, s, "a")
	rec.Data = []byte("two")
	swap(t, s, "a", rec)
	expect(t, load(t, s, "a"), "two", 2)

	for _, revision := range []uint64{0, 1, 3} {
		err := s.Swap(t.Context(), "a", store.Record{Data: []byte("late"), Revision: revision})
		expectError(t, fmt.Sprintf("Swap at revision %d", revision), err, store.ErrConflict)
	}
	expect(t, load(t, s, "a"), "two", 2)
	expect(t, load(t, s, "b"), "other", 1)
}

// testTimes checks that due time and expiry are kept, replaced and dropped.
func testTimes(t *testing.T, s store.Store) {
	hour := time.Now().Add(time.Hour)
	steps := []store.Record{
		{Due: hour, Expires: hour.Add(time.Minute)},
		{Expires: hour},
		{Due: hour},
		{},
	}
	create(t, s, "a", steps[0])
	for i, want := range steps {
		if i > 0 {
			want.Revision = uint64(i)
			swap(t, s, "a", want)
		}
		got := load(t, s, "a")
		if !same(got.Due, want.Due) || !same(got.Expires, want.Expires) {
			t.Errorf("step %d: due %v and expires %v, want %v and %v", i, got.Due, got.Expires, want.Due, want.Expires)
		}
	}
}

// same says whether two times are equal to the millisecond and both zero or neither.
func same(a, b time.Time) bool {
	return a.IsZero() == b.IsZero() && a.Sub(b).Abs() <= time.Millisecond
}

// testKeys checks that keys and data may hold any bytes.
func testKeys(t *testing.T, s store.Store) {
	keys := []string{"", "a", "A", "a/b", "a:b", "a*", "{a}", "\x00", "\xff\xfe", "é", strings.Repeat("k", 300)}
	for _, key := range keys {
		create(t, s, key, data("data of "+key))
	}
	for _, key := range keys {
		expect(t, load(t, s, key), "data of "+key, 1)
	}
	create(t, s, "empty", store.Record{})
	expect(t, load(t, s, "empty"), "", 1)
}

func testConcurrentCreate(t *testing.T, s store.Store) {
	var winners atomic.Int32
	together(t, 8, func(ctx context.Context, i int) error {
		err := s.Create(ctx, "a", data(strconv.Itoa(i)))
		if err == nil {
			winners.Add(1)
			return nil
		}
		if !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("creator %d: %w", i, err)
		}
		return nil
	})
	if winners.Load() != 1 {
		t.Errorf("%d creators won, want 1", winners.Load())
	}
}

// testConcurrentSwap counts up in a record from many sides. Were a swap lost or
// a read stale, the count and the revision would part.
func testConcurrentSwap(t *testing.T, s store.Store) {
	const writers, rounds = 8, 50
	create(t, s, "count", data("0"))
	together(t, writers, func(ctx context.Context, _ int) error {
		for range rounds {
			if err := countUp(ctx, s, "count"); err != nil {
				return err
			}
		}
		return nil
	})
	expect(t, load(t, s, "count"), strconv.Itoa(writers*rounds), writers*rounds+1)
}

// countUp adds one to the number in a record, and checks that its own write is
// visible afterwards.
func countUp(ctx context.Context, s store.Store, key string) error {
	for {
		rec, err := s.Load(ctx, key)
		if err != nil {
			return fmt.Errorf("loading: %w", err)
		}
		n, err := strconv.ParseUint(string(rec.Data), 10, 64)
		if err != nil || n != rec.Revision-1 {
			return fmt.Errorf("record is %q at revision %d", rec.Data, rec.Revision)
		}
		rec.Data = strconv.AppendUint(nil, n+1, 10)
		err = s.Swap(ctx, key, rec)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("swapping: %w", err)
		}
		return expectAfter(ctx, s, key, rec.Revision)
	}
}

// expectAfter returns an error unless a record has been written after a revision.
func expectAfter(ctx context.Context, s store.Store, key string, revision uint64) error {
	rec, err := s.Load(ctx, key)
	if err != nil {
		return fmt.Errorf("loading after a swap: %w", err)
	}
	if rec.Revision <= revision {
		return fmt.Errorf("loaded revision %d after writing %d", rec.Revision, revision+1)
	}
	return nil
}
