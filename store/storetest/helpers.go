package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

// data returns a record of some bytes that neither is due nor expires.
func data(s string) store.Record { return store.Record{Data: []byte(s)} }

func create(t *testing.T, s store.Store, key string, rec store.Record) {
	t.Helper()
	if err := s.Create(t.Context(), key, rec); err != nil {
		t.Fatalf("Create(%q): %v", key, err)
	}
}

func swap(t *testing.T, s store.Store, key string, rec store.Record) {
	t.Helper()
	if err := s.Swap(t.Context(), key, rec); err != nil {
		t.Fatalf("Swap(%q, revision %d): %v", key, rec.Revision, err)
	}
}

func load(t *testing.T, s store.Store, key string) store.Record {
	t.Helper()
	rec, err := s.Load(t.Context(), key)
	if err != nil {
		t.Fatalf("Load(%q): %v", key, err)
	}
	return rec
}

func watch(t *testing.T, s store.Store, key string, after uint64) store.Record {
	t.Helper()
	rec, err := s.Watch(deadline(t), key, after)
	if err != nil {
		t.Fatalf("Watch(%q, after %d): %v", key, after, err)
	}
	return rec
}

// expect checks the data and revision of a record.
func expect(t *testing.T, rec store.Record, data string, revision uint64) {
	t.Helper()
	if string(rec.Data) != data || rec.Revision != revision {
		t.Errorf("record is %q at revision %d, want %q at %d", rec.Data, rec.Revision, data, revision)
	}
}

func expectError(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error is %v, want %v", what, got, want)
	}
}

// absent checks that no method finds the record.
func absent(t *testing.T, s store.Store, key string) {
	t.Helper()
	ctx := deadline(t)
	_, err := s.Load(ctx, key)
	expectError(t, "Load", err, store.ErrNotFound)
	expectError(t, "Swap", s.Swap(ctx, key, store.Record{Revision: 1}), store.ErrNotFound)
	_, err = s.Watch(ctx, key, 0)
	expectError(t, "Watch", err, store.ErrNotFound)
}

// due returns the keys that one call of Due hands out, as a set.
func due(t *testing.T, s store.Store, now time.Time, limit int) map[string]bool {
	t.Helper()
	keys, _, err := s.Due(t.Context(), now, limit)
	if err != nil {
		t.Fatalf("Due: %v", err)
	}
	set := make(map[string]bool, len(keys))
	for _, key := range keys {
		if set[key] {
			t.Errorf("Due handed out %q twice in one call", key)
		}
		set[key] = true
	}
	return set
}

// expectDue checks that Due hands out exactly the wanted keys.
func expectDue(t *testing.T, s store.Store, now time.Time, want ...string) {
	t.Helper()
	got := due(t, s, now, 100)
	for _, key := range want {
		if !got[key] {
			t.Errorf("Due did not hand out %q", key)
		}
		delete(got, key)
	}
	for key := range got {
		t.Errorf("Due handed out %q", key)
	}
}

// together runs f n times at once and returns when all are done. f must not
// call t.Fatal; it returns an error instead.
func together(t *testing.T, n int, f func(ctx context.Context, i int) error) {
	t.Helper()
	ctx := deadline(t)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = f(ctx, i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// wants returns an error unless got is want.
func wants(got, want error) error {
	if errors.Is(got, want) {
		return nil
	}
	return fmt.Errorf("error is %w, want %w", got, want)
}
