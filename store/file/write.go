package file

import (
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"github.com/irmad/irmaserver/store"
)

const (
	// maxBatch is how many writes share a commit at most, and maxBatchData how
	// many bytes of data make it complete.
	maxBatch     = 512
	maxBatchData = 8 << 20

	// tidyBatch is how many expired records a commit removes at most.
	tidyBatch = 1024

	// probeSize is how much Ping writes: enough for what waits meanwhile.
	probeSize = 64 << 10
)

type kind int

const (
	create kind = iota
	swap
	probe // writes what nobody reads
)

// write is a change that somebody waits for.
type write struct {
	kind kind
	key  string
	rec  store.Record
	err  error         // what became of it, once done is closed
	done chan struct{} // closed when it is on the disk, or never will be
}

// errNothing ends a transaction in which nothing has changed.
var errNothing = errors.New("nothing to write")

// write hands w to the writer and waits for it.
func (s *Store) write(ctx context.Context, w *write) error {
	if len(w.key) > maxKey {
		return fmt.Errorf("store/file: a key of %d bytes is longer than %d", len(w.key), maxKey)
	}
	w.done = make(chan struct{})
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	select {
	case s.queue <- w:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
	}
	select {
	case <-w.done:
		return w.err
	default: // it came too late
		return ErrClosed
	}
}

// writeAll is the writer: it commits what there is to be written until the store
// closes and the queue is empty.
func (s *Store) writeAll() {
	defer close(s.ended)
	for {
		select {
		case w := <-s.queue:
			s.commit(s.batch(w), s.untidy())
		case <-s.tidy:
			s.commit(nil, true)
		case <-s.closing:
			select {
			case w := <-s.queue:
				s.commit(s.batch(w), s.untidy())
			default:
				return
			}
		}
	}
}

// batch returns w and what else waits to be written.
func (s *Store) batch(w *write) []*write {
	batch, size := []*write{w}, len(w.rec.Data)
	for len(batch) < maxBatch && size < maxBatchData {
		select {
		case w := <-s.queue:
			batch, size = append(batch, w), size+len(w.rec.Data)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch to the disk, all of it or nothing, removes expired
// records on the way if there are any, and tells those who wait.
func (s *Store) commit(batch []*write, tidy bool) {
	var removed []string
	err := guard(func() error {
		return s.db.Update(func(tx *bolt.Tx) (err error) {
			removed, err = s.apply(tx, batch, tidy)
			return err
		})
	})
	if errors.Is(err, errNothing) {
		err = nil
	} else {
		s.failed.Store(err != nil)
	}
	if err != nil {
		err, removed = fmt.Errorf("store/file: writing: %w", err), nil
	}
	s.mu.Lock()
	for _, w := range batch {
		if err != nil {
			w.err = err
		} else if w.err == nil {
			s.claims.end(w.key)
		}
	}
	for _, key := range removed {
		s.claims.end(key)
	}
	s.mu.Unlock()
	for _, w := range batch {
		if w.err == nil {
			s.watches.wake(w.key)
		}
		close(w.done)
	}
	if len(removed) == tidyBatch { // there may be more
		s.tidySoon()
	}
}

// tidySoon asks the writer to remove what has expired.
func (s *Store) tidySoon() {
	select {
	case s.tidy <- struct{}{}:
	default: // it has been asked
	}
}

// untidy reports whether that has been asked.
func (s *Store) untidy() bool {
	select {
	case <-s.tidy:
		return true
	default:
		return false
	}
}

// apply does the writes of a batch in a transaction, and returns the keys of the
// expired records that it has removed. The error is errNothing if the file is as
// before.
func (s *Store) apply(tx *bolt.Tx, batch []*write, tidy bool) (removed []string, err error) {
	b, err := bucketsOf(tx)
	if err != nil {
		return nil, err
	}
	changed := false
	for _, w := range batch {
		var fatal error
		if w.err, fatal = s.applyOne(b, w); fatal != nil {
			return nil, fatal
		}
		changed = changed || w.err == nil
	}
	if tidy {
		if removed, err = b.removeExpired(s.clock()); err != nil {
			return nil, err
		}
	}
	if !changed && len(removed) == 0 {
		return nil, errNothing
	}
	return removed, nil
}

// applyOne does one write and returns what became of it. After a fatal error the
// transaction cannot be used.
func (s *Store) applyOne(b buckets, w *write) (outcome, fatal error) {
	if w.kind == probe {
		return nil, b.meta.Put([]byte(probeKey), make([]byte, probeSize))
	}
	now := s.clock()
	before, err := find(b.records, w.key)
	exists := err == nil && before.expires > now
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err, nil
	case w.kind == create && exists:
		return store.ErrExists, nil
	case w.kind == swap && !exists:
		return store.ErrNotFound, nil
	case w.kind == swap && before.revision != w.rec.Revision:
		return store.ErrConflict, nil
	}
	revision := uint64(1)
	if w.kind == swap {
		revision += before.revision
	}
	if before.revision > 0 {
		if err := b.unlist(w.key, before); err != nil {
			return nil, err
		}
	}
	after := entryOf(w.rec, revision)
	if w.kind == swap && after.expires <= now {
		return nil, b.records.Delete(boltKey(w.key))
	}
	return nil, b.put(w.key, after)
}
