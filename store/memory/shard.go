package memory

import (
	"sync"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

// shard is one part of the key space. Its mutex guards everything in it,
// including the entries it holds.
type shard struct {
	mu      sync.RWMutex
	records map[string]*entry
	wheel   wheel
}

// entry is one record and its place in the wheel. There may be millions, so
// times take eight bytes and what only watched records need is behind a pointer.
type entry struct {
	key      string
	data     []byte
	revision uint64
	due      instant.Instant
	expires  instant.Instant
	ready    instant.Instant // when Due may hand out the key: due, or the end of its claim
	watch    *watch          // nil while nobody watches
	next     *entry          // of the same list in the wheel
	prev     **entry         // what points to this entry; nil when it is in no list
}

func (e *entry) record() store.Record {
	return store.Record{Data: e.data, Revision: e.revision, Due: e.due.Time(), Expires: e.expires.Time()}
}

// get returns the entry of a key unless it has expired.
func (s *shard) get(key string, now instant.Instant) *entry {
	e := s.records[key]
	if e == nil || e.expires <= now {
		return nil
	}
	return e
}

// put writes rec to e as its next revision, schedules it and wakes its watchers.
func (s *shard) put(e *entry, rec store.Record) {
	e.data = rec.Data
	e.revision++
	e.due, e.expires = instant.Of(rec.Due), instant.Of(rec.Expires)
	e.ready = e.due
	e.unlink()
	s.wheel.add(e)
	e.wake()
}

// remove forgets an entry; its watchers find that it is gone. Removing nil does nothing.
func (s *shard) remove(e *entry) {
	if e == nil {
		return
	}
	delete(s.records, e.key)
	e.unlink()
	e.wake()
}
