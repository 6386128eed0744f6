package redis_test

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/redis"
)

// leakless runs the tests and reports failure if one of our goroutines, or the
// client's, outlives them.
func leakless(m *testing.M) int {
	goredis.SetLogger(quiet{})
	code := m.Run()
	for range 100 {
		if len(leaks()) == 0 {
			return code
		}
		runtime.Gosched()
		<-time.After(20 * time.Millisecond)
	}
	println("goroutines are left:\n" + strings.Join(leaks(), "\n\n"))
	return 1
}

// quiet drops what the client says about servers that are killed.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

func leaks() []string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var out []string
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(stack, "irmaserver/store/redis.(*hub)") || strings.Contains(stack, "go-redis/v9.(*PubSub)") {
			out = append(out, stack)
		}
	}
	return out
}

func TestNew(t *testing.T) {
	t.Parallel()
	bounded := goredis.NewClient(&goredis.Options{ContextTimeoutEnabled: true})
	rows := []struct {
		name   string
		client goredis.UniversalClient
		opts   redis.Options
		want   string
	}{
		{"no client", nil, redis.Options{}, "no client"},
		{"unbounded client", goredis.NewClient(&goredis.Options{}), redis.Options{}, "ContextTimeoutEnabled"},
		{"unbounded cluster", goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}}), redis.Options{}, "ContextTimeoutEnabled"},
		{"prefix with braces", bounded, redis.Options{Prefix: "a{b}"}, "braces"},
		{"negative timeout", bounded, redis.Options{Timeout: -1}, "Timeout"},
		{"negative buckets", bounded, redis.Options{Buckets: -1}, "Buckets"},
	}
	for _, row := range rows {
		if _, err := redis.New(row.client, row.opts); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error is %v, want one with %q", row.name, err, row.want)
		}
	}
}

// counter counts what a client sends: a command or a pipeline each time.
type counter struct{ trips atomic.Int64 }

func (c *counter) DialHook(next goredis.DialHook) goredis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (c *counter) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, command goredis.Cmder) error {
		c.count(command)
		return next(ctx, command)
	}
}

func (c *counter) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, commands []goredis.Cmder) error {
		c.count(commands[0])
		return next(ctx, commands)
	}
}

// count counts a command, unless it belongs to connecting.
func (c *counter) count(first goredis.Cmder) {
	if name := first.Name(); name != "hello" && name != "client" {
		c.trips.Add(1)
	}
}

// TestRoundTrips checks that every operation takes one round trip to Redis.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	client, trips := connect(redistest.Start(t)), new(counter)
	s := open(t, client, redis.Options{})
	warm(t, s)
	if _, _, err := s.Due(t.Context(), time.Now(), 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	client.AddHook(trips)
	for name, do := range operations(s) {
		trips.trips.Store(0)
		if err := do(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := trips.trips.Load(); got != 1 {
			t.Errorf("%s takes %d round trips, want 1", name, got)
		}
	}
}

// TestWatchRoundTrips checks that who follows a record looks at it once for each
// change, and once before the first.
func TestWatchRoundTrips(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, trips := connect(server), new(counter)
	client.AddHook(trips)
	s, other := open(t, client, redis.Options{}), open(t, connect(server), redis.Options{})
	if err := other.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	const changes = 20
	for seen := uint64(1); seen <= changes; seen++ {
		changed := make(chan error, 1)
		go func() { changed <- other.Swap(t.Context(), "a", store.Record{Revision: seen}) }()
		rec, err := s.Watch(t.Context(), "a", seen)
		if err != nil || rec.Revision != seen+1 {
			t.Fatalf("Watch after %d: revision %d, %v", seen, rec.Revision, err)
		}
		if err := <-changed; err != nil {
			t.Fatal(err)
		}
	}
	if got := trips.trips.Load(); got > changes+1 {
		t.Errorf("%d round trips for %d changes", got, changes)
	}
}

// TestClocks checks that a server whose clock is hours off keeps its records for
// as long as any other.
func TestClocks(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, off := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		now := func() time.Time { return time.Now().Add(off) }
		s := open(t, connect(server), redis.Options{Prefix: off.String(), Now: now})
		if err := s.Create(t.Context(), "stays", store.Record{Expires: now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if err := s.Create(t.Context(), "goes", store.Record{Expires: now().Add(200 * time.Millisecond)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Watch(t.Context(), "goes", 1); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("clock off by %v: watching until a record expires: %v", off, err)
		}
		if _, err := s.Load(t.Context(), "stays"); err != nil {
			t.Errorf("clock off by %v: %v", off, err)
		}
		ahead, err := s.Check(t.Context())
		if err != nil || (ahead+off).Abs() > time.Minute {
			t.Errorf("clock off by %v: Redis is %v ahead, %v", off, ahead, err)
		}
	}
}

// TestForeignKeys checks that what is not a record is not taken for one.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := open(t, connect(server), redis.Options{Prefix: "mine:"})
	server.Do("SET", "mine:{0}session:a", "short")
	if _, err := s.Load(t.Context(), "a"); err == nil || ours(err) {
		t.Errorf("Load: error is %v, want one about the record", err)
	}
}

// TestPermissions has a Redis user with only the permissions that the
// documentation names.
func TestPermissions(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	permissions := []string{"on", ">pw", "~mine:*", "&mine:*", "-@all",
		"+get", "+set", "+del", "+getrange", "+exists", "+pttl", "+zadd", "+zrem", "+zcount", "+zrangebyscore",
		"+eval", "+evalsha", "+publish", "+subscribe", "+unsubscribe", "+ping", "+time", "+hello"}
	server.Do(append([]string{"ACL", "SETUSER", "mine"}, permissions...)...)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr, Username: "mine", Password: "pw", ContextTimeoutEnabled: true})
	s := open(t, client, redis.Options{Prefix: "mine:", Timeout: time.Second})
	if _, err := s.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), "a", store.Record{Revision: 1}); err != nil {
		t.Error(err)
	}
	if _, err := s.Watch(t.Context(), "a", 1); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Due(t.Context(), time.Now(), 1); err != nil {
		t.Error(err)
	}
	server.Do("ACL", "SETUSER", "mine", "-publish")
	if _, err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "permission") {
		t.Errorf("Check without permission to announce: %v", err)
	}
}
