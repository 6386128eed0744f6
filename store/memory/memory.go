// Package memory is a store that keeps its records in the process. It suits a
// single server whose sessions may be lost when it stops.
//
// All operations take constant time. The store has no goroutines and nothing to
// close: expired records are invisible from the instant they expire and their
// memory is given back by Due, which the engine calls every second.
package memory

import (
	"context"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

// shardCount is a power of two. Locks are held for tens of nanoseconds, so a
// few dozen shards keep any number of cores apart.
const shardCount = 64

// Config configures a Store. The zero value is ready for use.
type Config struct {
	// Now is the clock by which records expire. Nil means time.Now.
	Now func() time.Time
}

// Store is a store.Store in memory. Make one with New. It hands out the byte
// slices it was given, without copying.
type Store struct {
	now    func() time.Time
	seed   maphash.Seed
	shards [shardCount]shard
	turn   atomic.Uint64 // where the next Due starts: after the last shard that one reached, so that none starves
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New(cfg Config) *Store {
	s := &Store{now: cfg.Now, seed: maphash.MakeSeed()}
	if s.now == nil {
		s.now = time.Now
	}
	cursor := s.clock().TickBefore()
	for i := range s.shards {
		s.shards[i].records = make(map[string]*entry)
		s.shards[i].wheel.cursor = cursor
	}
	return s
}

// Create implements store.Store.
func (s *Store) Create(_ context.Context, key string, rec store.Record) error {
	sh, now := s.shard(key), s.clock()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.get(key, now) != nil {
		return store.ErrExists
	}
	sh.remove(sh.records[key])
	e := &entry{key: key}
	sh.records[key] = e
	sh.put(e, rec)
	return nil
}

// Load implements store.Store.
func (s *Store) Load(_ context.Context, key string) (store.Record, error) {
	sh, now := s.shard(key), s.clock()
	sh.mu.RLock()
	defer sh.mu.RUnlock()
	e := sh.get(key, now)
	if e == nil {
		return store.Record{}, store.ErrNotFound
	}
	return e.record(), nil
}

// Swap implements store.Store.
func (s *Store) Swap(_ context.Context, key string, rec store.Record) error {
	sh, now := s.shard(key), s.clock()
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e := sh.get(key, now)
	if e == nil {
		return store.ErrNotFound
	}
	if e.revision != rec.Revision {
		return store.ErrConflict
	}
	sh.put(e, rec)
	if e.expires <= now {
		sh.remove(e)
	}
	return nil
}

// Len returns the number of records held, including expired ones whose memory
// is not yet given back. It is meant for gauges and takes each lock in turn.
func (s *Store) Len() int {
	n := 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.RLock()
		n += len(sh.records)
		sh.mu.RUnlock()
	}
	return n
}

func (s *Store) shard(key string) *shard {
	return &s.shards[maphash.String(s.seed, key)%shardCount]
}

func (s *Store) clock() instant.Instant { return instant.Of(s.now()) }
