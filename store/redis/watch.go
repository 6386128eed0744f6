package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/store"
)

const (
	// unheard is how long a watcher waits for its subscription before it looks
	// without one, and again.
	unheard = 500 * time.Millisecond

	// relook is how often a watcher looks though it heard of no change, because
	// announcements may be lost between the nodes of a Cluster.
	relook = 10 * time.Second

	// again is after how long a watcher looks again that could not, and outage
	// how long it goes on like that.
	again  = 200 * time.Millisecond
	outage = time.Minute
)

// Watch implements store.Store. While Redis cannot be asked it goes on trying
// for a minute.
func (s *Store) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	w, err := s.hub.join(s.channel(key), after)
	if err != nil {
		return store.Record{}, err
	}
	defer s.hub.leave(w)
	if err := w.first(ctx); err != nil {
		return store.Record{}, err
	}
	answered := time.Now()
	for {
		heard := s.hub.begin(w.topic)
		rec, left, err := s.look(ctx, key)
		if err == nil {
			s.hub.found(w.topic, heard, rec.Revision, time.Now().Add(left))
		}
		switch {
		case err == nil && rec.Revision > after, errors.Is(err, store.ErrNotFound):
			return rec, err
		case err == nil:
			answered = time.Now()
		case ctx.Err() != nil:
			return store.Record{}, ctx.Err()
		case time.Since(answered) > outage:
			return store.Record{}, err
		default:
			left = again
		}
		if err := w.wait(ctx, left); err != nil {
			return store.Record{}, err
		}
	}
}

// look returns the record, and after how long to look again if nothing is heard:
// not long after it expires.
func (s *Store) look(ctx context.Context, key string) (store.Record, time.Duration, error) {
	name := s.bucket(key).record(key)
	ctx, done := s.bounded(ctx)
	var value *goredis.StringCmd
	var left *goredis.DurationCmd
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		value, left = p.Get(ctx, name), p.PTTL(ctx, name)
		return nil
	})
	if err := done(err); err != nil {
		return store.Record{}, 0, err
	}
	data, err := value.Bytes()
	if err != nil {
		return store.Record{}, 0, err
	}
	rec, err := decode(data)
	patience := relook/2 + rand.N(relook)
	if expires := left.Val(); expires >= 0 { // -1 means never, -2 that it is gone by now
		patience = min(patience, expires+time.Millisecond)
	}
	return rec, patience, err
}

// first waits until it is time to look for the first time: when announcements are
// heard, or when there is something new since this process looked last.
func (w *watcher) first(ctx context.Context) error {
	switch left := time.Until(w.until); {
	case !w.heard:
		return w.wait(ctx, unheard)
	case left > 0:
		return w.wait(ctx, left)
	}
	return ctx.Err()
}

// wait returns after a while, or when there is reason to look.
func (w *watcher) wait(ctx context.Context, patience time.Duration) error {
	if !w.heard {
		patience = min(patience, unheard)
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-w.wake:
		w.heard = true
		return nil
	case <-timer.C:
		return nil
	case <-w.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
