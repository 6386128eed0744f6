package memory

import (
	"context"
	"time"

	"github.com/irmad/irmaserver/store"
)

// watch is what the watchers of an entry share until its next change.
type watch struct {
	changed  chan struct{} // closed at the change
	watchers int           // of which the last to give up frees the watch
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	sh := s.shard(key)
	for {
		sh.mu.Lock()
		e := sh.get(key, s.clock())
		if e == nil {
			sh.mu.Unlock()
			return store.Record{}, store.ErrNotFound
		}
		rec := e.record()
		if rec.Revision > after {
			sh.mu.Unlock()
			return rec, nil
		}
		w := e.join()
		sh.mu.Unlock()

		err := s.wait(ctx, w, rec.Expires)

		sh.mu.Lock()
		e.leave(w)
		sh.mu.Unlock()
		if err != nil {
			return store.Record{}, err
		}
	}
}

// wait returns nil when w changes or expires passes.
func (s *Store) wait(ctx context.Context, w *watch, expires time.Time) error {
	var expired <-chan time.Time
	if !expires.IsZero() {
		timer := time.NewTimer(expires.Sub(s.now()))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-w.changed:
		return nil
	case <-expired:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *entry) join() *watch {
	if e.watch == nil {
		e.watch = &watch{changed: make(chan struct{})}
	}
	e.watch.watchers++
	return e.watch
}

func (e *entry) leave(w *watch) {
	w.watchers--
	if w.watchers == 0 && e.watch == w {
		e.watch = nil
	}
}

// wake tells the watchers to look again.
func (e *entry) wake() {
	if e.watch != nil {
		close(e.watch.changed)
		e.watch = nil
	}
}
