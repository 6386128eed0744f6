package memory

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/irmad/irmaserver/store"
)

// TestWatchIsFreed checks that a record that was watched costs no more than one
// that never was.
func TestWatchIsFreed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{})
		if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
			t.Fatal(err)
		}
		e := s.shard("a").records["a"]
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { _, _ = s.Watch(ctx, "a", 1) })
		}
		synctest.Wait()
		if e.watch == nil || e.watch.watchers != 3 {
			t.Errorf("watch is %+v, want 3 watchers", e.watch)
		}
		cancel()
		wg.Wait()
		if e.watch != nil {
			t.Errorf("watch is %+v after its watchers left, want none", e.watch)
		}
	})
}
