package storetest

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

// testBig checks that records may be as large as a session can become, and
// larger or smaller at every write.
func testBig(t *testing.T, s store.Store) {
	random := rand.NewChaCha8([32]byte{})
	var want []byte
	for i, size := range []int{1 << 20, 3 << 20, 5000, 4096, 1, 0, 1 << 16} {
		want = make([]byte, size)
		_, _ = random.Read(want) // never fails
		rec := store.Record{Data: want, Revision: uint64(i), Expires: time.Now().Add(time.Hour)}
		if i == 0 {
			create(t, s, "a", rec)
		} else {
			swap(t, s, "a", rec)
		}
		for name, got := range map[string]store.Record{"Load": load(t, s, "a"), "Watch": watch(t, s, "a", uint64(i))} {
			if !bytes.Equal(got.Data, want) {
				t.Errorf("%s returns other data than the %d bytes written", name, size)
			}
		}
	}
}

// testCanceled checks that calls whose context has ended either do what they
// should or say so, and never leave something half done.
func testCanceled(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	maybe := func(what string, err error, is, isNot string, key string) {
		t.Helper()
		rec, loadErr := s.Load(t.Context(), key)
		now := string(rec.Data)
		switch {
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("%s: error is %v, want none or %v", what, err, context.Canceled)
		case loadErr != nil && !errors.Is(loadErr, store.ErrNotFound):
			t.Errorf("%s: loading afterwards: %v", what, loadErr)
		case now != is && (err == nil || now != isNot):
			t.Errorf("%s returned %v, and left %q", what, err, now)
		}
	}
	maybe("Create", s.Create(ctx, "a", data("new")), "new", "", "a")
	create(t, s, "b", data("one"))
	maybe("Swap", s.Swap(ctx, "b", store.Record{Data: []byte("two"), Revision: 1}), "two", "one", "b")

	if rec, err := s.Load(ctx, "b"); err == nil && rec.Revision == 0 || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Load: revision %d, error %v", rec.Revision, err)
	}
	_, err := s.Watch(ctx, "b", 2)
	expectError(t, "Watch", err, context.Canceled)
	if _, next, err := s.Due(ctx, time.Now(), 1); err == nil && next.IsZero() || err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Due: next %v, error %v", next, err)
	}
}

// testClosed checks that a store with a method Close ends what waits. From then on
// it may refuse everything, or go on with what needs nothing of it, but never says
// that a record is not there.
func testClosed(t *testing.T, s store.Store) {
	closer, can := s.(interface{ Close() error })
	if !can {
		t.Skip("the store has nothing to close")
	}
	create(t, s, "a", data("one"))
	together(t, 2, func(ctx context.Context, i int) error {
		if i == 0 {
			return closer.Close()
		}
		_, err := s.Watch(ctx, "a", 1)
		if err == nil {
			return errors.New("a Watch that waited returned a record at Close")
		}
		return mayClose("Watch", err)
	})
	ctx := deadline(t)
	_, loadErr := s.Load(ctx, "a")
	_, watchErr := s.Watch(ctx, "a", 0)
	_, _, dueErr := s.Due(ctx, time.Now(), 1)
	for name, err := range map[string]error{
		"Load":   loadErr,
		"Watch":  watchErr,
		"Due":    dueErr,
		"Create": s.Create(ctx, "b", data("one")),
		"Swap":   s.Swap(ctx, "a", store.Record{Revision: 1}),
	} {
		if err := mayClose(name, err); err != nil {
			t.Error(err)
		}
	}
	if err := closer.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// mayClose returns an error unless err is one that a closed store may return.
func mayClose(what string, err error) error {
	for _, other := range []error{store.ErrNotFound, store.ErrConflict, store.ErrExists, context.DeadlineExceeded} {
		if errors.Is(err, other) {
			return errors.New(what + " after Close: " + err.Error())
		}
	}
	return nil
}
