package file

import (
	"context"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

// Due implements store.Store. Claims are kept in memory, since the file has one
// user: when that ends, so does its work. A call without work reads the front of
// the index; removing expired records is left to the writer.
func (s *Store) Due(_ context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	s.mu.Lock() // over all, so that a claim is as new as what is read
	defer s.mu.Unlock()
	at, clock := instant.Of(now), s.clock()
	passed := s.claims.passed(at, clock, limit)
	var fresh []*claim
	err := s.view(indexBucket, func(index *bolt.Bucket) (err error) {
		fresh, err = s.fresh(index, at, clock, limit)
		return err
	})
	if err != nil {
		return nil, now, err
	}
	var keys []string
	for _, c := range merge(passed, fresh, limit) {
		c.ready = at + instant.Instant(store.Claim)
		s.claims.put(c)
		keys = append(keys, c.key)
	}
	if len(keys) == limit {
		return keys, now, nil
	}
	return keys, now.Truncate(store.Tick).Add(store.Tick), nil
}

// fresh returns up to limit records that are due and not claimed, in the order
// of time.
func (s *Store) fresh(index *bolt.Bucket, now, clock instant.Instant, limit int) ([]*claim, error) {
	var out []*claim
	cursor := index.Cursor()
	for at, times := cursor.First(); at != nil && len(out) < limit; at, times = cursor.Next() {
		e, err := decodeEvent(at, times)
		if err != nil {
			return nil, err
		}
		switch {
		case e.at > max(now, clock):
			return out, nil
		case e.expires <= clock:
			s.tidySoon()
		case e.due <= now && !s.claims.has(e.key):
			out = append(out, &claim{key: string(e.key), ready: e.due, expires: e.expires})
		}
	}
	return out, nil
}

// merge returns the first of both by time, so that none starves.
func merge(a, b []*claim, limit int) []*claim {
	var out []*claim
	for len(out) < limit && len(a)+len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].ready <= b[0].ready {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// removeExpired removes up to tidyBatch expired records and returns their keys.
func (b buckets) removeExpired(clock instant.Instant) ([]string, error) {
	var keys []string
	var slots []slot
	cursor := b.index.Cursor()
	for at, times := cursor.First(); at != nil && len(keys) < tidyBatch; at, times = cursor.Next() {
		e, err := decodeEvent(at, times)
		if err != nil {
			return nil, err
		}
		if e.at > clock {
			break
		}
		if e.expires <= clock {
			keys, slots = append(keys, string(e.key)), append(slots, at)
		}
	}
	for i, key := range keys { // not before the cursor is done
		if err := b.index.Delete(slots[i]); err != nil {
			return nil, err
		}
		if err := b.records.Delete(boltKey(key)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}
