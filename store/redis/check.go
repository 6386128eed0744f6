package redis

import (
	"context"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// probeLifetime is how long what Check writes stays.
const probeLifetime = 10 * time.Second

// Check reports whether records can be written and changes announced, on every
// node, and how far the clock of Redis is ahead of ours. Lifetimes of records do
// not depend on that; but all servers should have the time right, because each
// decides by its own clock whether a session is overdue.
func (s *Store) Check(ctx context.Context) (ahead time.Duration, err error) {
	ctx, done := s.bounded(ctx)
	start := s.now()
	var clock *goredis.TimeCmd
	_, err = s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		clock = p.Time(ctx)
		p.Publish(ctx, s.channel("probe"), 0)
		for i := range s.buckets {
			p.Set(ctx, s.buckets[i].probe, 1, probeLifetime)
		}
		return nil
	})
	if err := done(err); err != nil {
		return 0, err
	}
	return clock.Val().Sub(start.Add(s.now().Sub(start) / 2)), nil
}
