package memory

import (
	"context"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

// Due implements store.Store. It also gives back the memory of expired records.
func (s *Store) Due(_ context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	var keys []string
	at, clock := instant.Of(now), s.clock()
	start := s.turn.Load()
	for i := range uint64(shardCount) {
		keys = s.shards[(start+i)%shardCount].due(at, clock, keys, limit)
		if len(keys) == limit {
			s.turn.Store(start + i + 1)
			return keys, now, nil
		}
	}
	return keys, now.Truncate(store.Tick).Add(store.Tick), nil
}

// due appends keys that are due at now until there are limit, claims them, and
// removes the expired records it meets.
func (s *shard) due(now, clock instant.Instant, keys []string, limit int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := now.TickBefore()
	for len(keys) < limit {
		e := s.wheel.next(to)
		if e == nil {
			break
		}
		if e.expires <= clock {
			s.remove(e)
			continue
		}
		if e.ready <= now {
			keys = append(keys, e.key)
			e.ready = now + instant.Instant(store.Claim)
		}
		s.wheel.add(e)
	}
	return keys
}
