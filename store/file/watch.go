package file

import (
	"context"
	"sync"
	"time"

	"github.com/irmad/irmaserver/store"
)

// watches are those of all keys that somebody watches. The zero value has none.
type watches struct {
	mu    sync.Mutex // guards byKey and what is in it
	byKey map[string]*watch
}

// watch is what the watchers of a key share until its next change.
type watch struct {
	changed  chan struct{} // closed at the change
	watchers int           // of which the last to give up frees the watch
}

func (w *watches) join(key string) *watch {
	w.mu.Lock()
	defer w.mu.Unlock()
	one := w.byKey[key]
	if one == nil {
		one = &watch{changed: make(chan struct{})}
		if w.byKey == nil {
			w.byKey = map[string]*watch{}
		}
		w.byKey[key] = one
	}
	one.watchers++
	return one
}

func (w *watches) leave(key string, one *watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.watchers--
	if one.watchers == 0 && w.byKey[key] == one {
		delete(w.byKey, key)
	}
}

// wake tells the watchers of a key to look again.
func (w *watches) wake(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.byKey[key]; one != nil {
		close(one.changed)
		delete(w.byKey, key)
	}
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	for {
		rec, done, err := s.watchOnce(ctx, key, after)
		if done || err != nil {
			return rec, err
		}
	}
}

// watchOnce looks at the record and, unless it is what the watcher is after,
// waits until it is worth to look again. It joins before it looks, so that no
// change comes between.
func (s *Store) watchOnce(ctx context.Context, key string, after uint64) (rec store.Record, done bool, err error) {
	w := s.watches.join(key)
	defer s.watches.leave(key, w)
	rec, err = s.Load(ctx, key)
	if err != nil {
		return store.Record{}, false, err
	}
	if rec.Revision > after {
		return rec, true, nil
	}
	return store.Record{}, false, s.wait(ctx, w, rec.Expires)
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
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
