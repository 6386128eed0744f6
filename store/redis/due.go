package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/store"
)

// Due implements store.Store. With one bucket it takes one round trip; with more
// it takes one to all nodes at once, and one for each bucket that has due keys.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	busy, err := s.busy(ctx, now)
	if err != nil {
		return nil, time.Time{}, err
	}
	next := now.Add(store.Tick)
	var keys []string
	for _, b := range busy {
		if len(keys) == limit {
			return keys, now, nil
		}
		claimed, more, err := s.claim(ctx, b, now, limit-len(keys))
		keys = append(keys, claimed...)
		if err != nil && len(keys) > 0 {
			return keys, now, nil // what is claimed must be handed out
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		if more {
			next = now
		}
	}
	return keys, next, nil
}

// busy returns the buckets that may have due keys, the one that is due first in
// front.
func (s *Store) busy(ctx context.Context, now time.Time) ([]*bucket, error) {
	if len(s.buckets) == 1 {
		return []*bucket{&s.buckets[0]}, nil
	}
	ctx, done := s.bounded(ctx)
	counts := make([]*goredis.IntCmd, len(s.buckets))
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for i := range s.buckets {
			counts[i] = p.ZCount(ctx, s.buckets[i].due, "-inf", nowScore(now))
		}
		return nil
	})
	failure := done(err)
	var out []*bucket
	reached := false
	for i := range counts {
		if counts[i].Err() == nil {
			reached = true
		}
		if counts[i].Err() == nil && counts[i].Val() > 0 {
			out = append(out, &s.buckets[i])
		}
	}
	if !reached {
		return nil, failure
	}
	s.rotate(out)
	return out, nil
}

// rotate begins with another bucket each time, so that none starves.
func (s *Store) rotate(buckets []*bucket) {
	if len(buckets) < 2 {
		return
	}
	turn := int(s.turn.Add(1) % uint64(len(buckets)))
	rotated := append(append([]*bucket(nil), buckets[turn:]...), buckets[:turn]...)
	copy(buckets, rotated)
}

// claim hands out due keys of a bucket, and reports whether there may be more.
func (s *Store) claim(ctx context.Context, b *bucket, now time.Time, limit int) (keys []string, more bool, err error) {
	ctx, done := s.bounded(ctx)
	found, err := dueScript.Run(ctx, s.client, []string{b.due},
		nowScore(now), dueScore(now.Add(store.Claim)), limit, b.records).StringSlice()
	if err := done(err); err != nil {
		return nil, false, err
	}
	if len(found) == 0 {
		return nil, false, fmt.Errorf("redis: a script returned nothing")
	}
	seen, err := strconv.Atoi(found[0])
	if err != nil {
		return nil, false, fmt.Errorf("redis: a script returned %q: %w", found[0], err)
	}
	return found[1:], seen == limit, nil
}
