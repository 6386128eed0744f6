// Package redis is a store that keeps its records in Redis, so that any number
// of servers share their sessions and none is lost with a process.
//
//	client := goredis.NewClient(&goredis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	sessions, err := redis.New(client, redis.Options{})
//	...
//	server, err := irmaserver.New(irmaserver.Config{Store: sessions, ...})
//
// The client is the program's own, from github.com/redis/go-redis/v9: for one
// Redis, for one behind Sentinel, or for a Cluster. Redis 6.2 or later is
// needed. It must not evict keys (maxmemory-policy noeviction): an evicted
// record is a lost session.
//
// Every operation takes one round trip. Writes are scripts, which Redis runs
// one at a time, so a Swap compares and replaces in one step. A write whose
// reply was lost is recognised when the client repeats it.
//
// Records are as safe as Redis keeps them. Replicas follow their master with a
// delay, so a failover may lose the last writes: a session may fall back to an
// earlier state.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/store"
)

const (
	defaultTimeout = 3 * time.Second

	// clusterBuckets spreads sessions over more nodes than a Cluster is likely
	// to have, and is few enough to be asked for due keys every second.
	clusterBuckets = 32
)

// Options are how a Store uses Redis. The zero value is ready for use.
type Options struct {
	// Prefix comes before the name of every key and channel, for a database
	// that is shared with others. It holds no braces.
	Prefix string

	// Timeout bounds every operation but Watch, including what the client does
	// to repeat it. Zero means 3 seconds.
	Timeout time.Duration

	// Buckets is over how many parts of a Cluster the records are spread, each
	// of which lives on one node. All servers on a database must have the same
	// number. Zero means 32 for a *goredis.ClusterClient and 1 for others.
	Buckets int

	// Now is the clock from which lifetimes of records are counted. Nil means
	// time.Now.
	Now func() time.Time
}

// Store is a store.Store in Redis. Make one with New, and Close it after use.
type Store struct {
	client  goredis.UniversalClient
	prefix  string
	timeout time.Duration
	now     func() time.Time
	buckets []bucket
	hub     *hub
	turn    atomic.Uint64 // which bucket Due begins with
}

var _ store.Store = (*Store)(nil)

// New returns a store that uses this client. It does not contact Redis; Check
// does. The client's options must have ContextTimeoutEnabled, because otherwise
// nothing bounds how long a call takes.
func New(client goredis.UniversalClient, opts Options) (*Store, error) {
	if client == nil {
		return nil, errors.New("redis: no client is given")
	}
	if strings.ContainsAny(opts.Prefix, "{}") {
		return nil, fmt.Errorf("redis: Options.Prefix is %q; it must not hold braces", opts.Prefix)
	}
	if opts.Timeout < 0 || opts.Buckets < 0 {
		return nil, errors.New("redis: Options.Timeout and Buckets must not be negative")
	}
	bounded, buckets := true, 1
	switch c := client.(type) {
	case *goredis.Client:
		bounded = c.Options().ContextTimeoutEnabled
	case *goredis.ClusterClient:
		bounded, buckets = c.Options().ContextTimeoutEnabled, clusterBuckets
	}
	if !bounded {
		return nil, errors.New("redis: the client's options must have ContextTimeoutEnabled set, so that no call waits longer than Options.Timeout")
	}
	s := &Store{client: client, prefix: opts.Prefix, timeout: opts.Timeout, now: opts.Now}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.now == nil {
		s.now = time.Now
	}
	if opts.Buckets > 0 {
		buckets = opts.Buckets
	}
	for i := range buckets {
		s.buckets = append(s.buckets, newBucket(opts.Prefix, i))
	}
	s.hub = newHub(client, s.timeout)
	return s, nil
}

// Close ends the connection on which changes are heard. Watches end with an
// error. The client is left open. Closing twice is harmless.
func (s *Store) Close() error {
	return s.hub.close()
}

// Create implements store.Store.
func (s *Store) Create(ctx context.Context, key string, rec store.Record) error {
	b := s.bucket(key)
	rec.Revision = 1
	return s.write(ctx, createScript, []string{b.record(key), b.due}, s.arguments(key, rec, encode(rec)))
}

// Load implements store.Store.
func (s *Store) Load(ctx context.Context, key string) (store.Record, error) {
	ctx, done := s.bounded(ctx)
	data, err := s.client.Get(ctx, s.bucket(key).record(key)).Bytes()
	if err := done(err); err != nil {
		return store.Record{}, err
	}
	return decode(data)
}

// Swap implements store.Store.
func (s *Store) Swap(ctx context.Context, key string, rec store.Record) error {
	b, before := s.bucket(key), rec.Revision
	rec.Revision++
	args := append(s.arguments(key, rec, encode(rec)), revisionBytes(before), s.channel(key), rec.Revision)
	return s.write(ctx, swapScript, []string{b.record(key), b.due}, args)
}

// write runs a script that writes a record and returns what came of it.
func (s *Store) write(ctx context.Context, script *goredis.Script, keys []string, args []any) error {
	ctx, done := s.bounded(ctx)
	result, err := script.Run(ctx, s.client, keys, args...).Int()
	if err := done(err); err != nil {
		return err
	}
	switch result {
	case written:
		return nil
	case missing:
		return store.ErrNotFound
	case conflict:
		return store.ErrConflict
	case exists:
		return store.ErrExists
	}
	return fmt.Errorf("redis: a script returned %d", result)
}

// arguments returns what both scripts that write take: the encoded record, how
// many milliseconds it lives, when it is due, and its key.
func (s *Store) arguments(key string, rec store.Record, encoded []byte) []any {
	lifetime, due := "", ""
	if !rec.Expires.IsZero() {
		lifetime = milliseconds(max(0, rec.Expires.Sub(s.now())))
	}
	if !rec.Due.IsZero() {
		due = dueScore(rec.Due)
	}
	return []any{encoded, lifetime, due, key}
}

// bounded returns a context for one operation and a function that ends it and
// says what its error means for the caller.
func (s *Store) bounded(ctx context.Context) (context.Context, func(error) error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	return limited, func(err error) error {
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, goredis.Nil):
			return store.ErrNotFound
		case ctx.Err() != nil:
			return ctx.Err()
		}
		return explain(err)
	}
}
