package redis_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/redis"
)

// ours reports whether an error is one of those that tell about records.
func ours(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists)
}

// operations are all methods that do not wait.
func operations(s store.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Create": func(ctx context.Context) error { return s.Create(ctx, "new", store.Record{}) },
		"Load":   func(ctx context.Context) error { _, err := s.Load(ctx, "a"); return err },
		"Swap":   func(ctx context.Context) error { return s.Swap(ctx, "a", store.Record{Revision: 1}) },
		"Due":    func(ctx context.Context) error { _, _, err := s.Due(ctx, time.Now(), 10); return err },
	}
}

// TestUnreachable checks that a Redis that is gone, or does not answer, gives
// errors in bounded time, and that nothing must be done when it is back.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	const timeout = 500 * time.Millisecond
	gone := map[string]struct{ leave, back func(*redistest.Server) }{
		"killed":  {(*redistest.Server).Kill, (*redistest.Server).Restart},
		"stalled": {signal(syscall.SIGSTOP), signal(syscall.SIGCONT)},
	}
	for name, way := range gone {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			s := open(t, connect(server), redis.Options{Timeout: timeout})
			if err := s.Create(t.Context(), "a", store.Record{Data: []byte("one")}); err != nil {
				t.Fatal(err)
			}
			way.leave(server)
			for operation, try := range operations(s) {
				start := time.Now()
				err := try(t.Context())
				if took := time.Since(start); err == nil || ours(err) || took > timeout+2*time.Second {
					t.Errorf("%s: error %v after %v, want another error after at most %v", operation, err, took, timeout)
				}
			}
			if _, err := s.Check(t.Context()); err == nil {
				t.Error("Check finds nothing wrong")
			}
			cancelled, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := s.Load(cancelled, "a"); !errors.Is(err, context.Canceled) {
				t.Errorf("Load with a context that has ended: %v, want %v", err, context.Canceled)
			}
			way.back(server)
			server.Await(func() bool { _, err := s.Check(t.Context()); return err == nil }, "the store answers")
			rec, err := s.Load(t.Context(), "a")
			if err != nil || rec.Revision == 0 {
				t.Errorf("Load after the outage: %+v, %v", rec, err)
			}
		})
	}
}

func signal(s syscall.Signal) func(*redistest.Server) {
	return func(server *redistest.Server) { server.Signal(s) }
}

// TestOutOfMemory checks that a write that Redis has no memory for changes
// nothing and says what is wrong.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := open(t, connect(server), redis.Options{})
	at := time.Now().Add(-time.Minute)
	if err := s.Create(t.Context(), "a", store.Record{Data: []byte("one"), Due: at}); err != nil {
		t.Fatal(err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "1")
	for _, operation := range []string{"Create", "Swap", "Due"} {
		err := operations(s)[operation](t.Context())
		if err == nil || !strings.Contains(err.Error(), "maxmemory") {
			t.Errorf("%s: error is %v, want one that names maxmemory", operation, err)
		}
	}
	if _, err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "maxmemory") {
		t.Errorf("Check: error is %v, want one that names maxmemory", err)
	}
	server.Do("CONFIG", "SET", "maxmemory", "0")
	if _, err := s.Load(t.Context(), "new"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load of what could not be created: %v, want %v", err, store.ErrNotFound)
	}
	rec, err := s.Load(t.Context(), "a")
	if err != nil || rec.Revision != 1 || !rec.Due.Equal(at) {
		t.Errorf("the record is %+v, %v; want it unchanged", rec, err)
	}
	keys, _, err := s.Due(t.Context(), time.Now(), 10)
	if err != nil || len(keys) != 1 {
		t.Errorf("Due: %q, %v; want the key", keys, err)
	}
}

// lossy loses the replies on its connections when told to, after the commands
// have arrived.
type lossy struct{ losing atomic.Bool }

func (l *lossy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	return &lossyConn{Conn: conn, lossy: l}, err
}

type lossyConn struct {
	net.Conn
	lossy *lossy
}

func (c *lossyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.lossy.losing.CompareAndSwap(true, false) {
		_ = c.Close() // that is the point
		return 0, errors.New("connection reset by the test")
	}
	return n, err
}

// TestLostReply checks that a write counts once, and is known to be ours, when
// its reply is lost and the client sends it again.
func TestLostReply(t *testing.T) {
	t.Parallel()
	server, network := redistest.Start(t), new(lossy)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr, Dialer: network.dial, ContextTimeoutEnabled: true})
	s := open(t, client, redis.Options{})
	if _, err := s.Load(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) { // connects
		t.Fatal(err)
	}
	if _, _, err := s.Due(t.Context(), time.Now(), 1); err != nil {
		t.Fatal(err)
	}
	warm(t, s)

	network.losing.Store(true)
	if err := s.Create(t.Context(), "a", store.Record{Data: []byte("one")}); err != nil {
		t.Errorf("Create: %v", err)
	}
	if network.losing.Load() {
		t.Error("no reply was lost")
	}
	network.losing.Store(true)
	if err := s.Swap(t.Context(), "a", store.Record{Data: []byte("two"), Revision: 1}); err != nil {
		t.Errorf("Swap: %v", err)
	}
	if network.losing.Load() {
		t.Error("no reply was lost")
	}
	rec, err := s.Load(t.Context(), "a")
	if err != nil || string(rec.Data) != "two" || rec.Revision != 2 {
		t.Errorf("the record is %q at revision %d, %v; want two at 2", rec.Data, rec.Revision, err)
	}
}

// warm makes Redis learn the scripts.
func warm(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Create(t.Context(), "warm", store.Record{}); err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), "warm", store.Record{Revision: 1}); err != nil {
		t.Fatal(err)
	}
}

// TestWatchThroughOutages checks that watchers miss no change while their
// connection is lost, or Redis is.
func TestWatchThroughOutages(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	s := open(t, connect(server), redis.Options{})
	other := open(t, connect(server), redis.Options{})
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	const changes = 20
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var watchers sync.WaitGroup
	for range 4 {
		watchers.Go(func() {
			for seen := uint64(1); seen <= changes; {
				rec, err := s.Watch(ctx, "a", seen)
				if err != nil {
					t.Errorf("Watch after revision %d: %v", seen, err)
					return
				}
				seen = rec.Revision
			}
		})
	}
	for i := range changes {
		switch i % 5 {
		case 0:
			server.Do("CLIENT", "KILL", "TYPE", "pubsub")
		case 3:
			server.Kill()
			server.Restart()
		}
		rec, err := other.Load(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Swap(ctx, "a", rec); err != nil {
			t.Fatal(err)
		}
	}
	watchers.Wait()
}

// TestRecordsLost checks that those who wait for a record learn that Redis came
// back without it.
func TestRecordsLost(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := open(t, connect(server), redis.Options{})
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := s.Watch(t.Context(), "a", 1)
		ended <- err
	}()
	server.Kill()
	server.Restart()
	if err := <-ended; !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Watch: %v, want %v", err, store.ErrNotFound)
	}
}

// TestClose checks that closing ends those who wait, and no one else can begin.
func TestClose(t *testing.T) {
	t.Parallel()
	s := open(t, connect(redistest.Start(t)), redis.Options{})
	if err := s.Create(t.Context(), "a", store.Record{}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := s.Watch(t.Context(), "a", 1)
		ended <- err
	}()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || ours(err) {
		t.Errorf("Watch ended with %v, want an error that tells nothing about the record", err)
	}
	if _, err := s.Watch(t.Context(), "a", 0); err == nil {
		t.Error("Watch of a closed store returned a record")
	}
}

// TestFailover checks that a store goes on with the replica when Sentinel has
// made it the master.
func TestFailover(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	replica := redistest.Replica(t, master)
	sentinel := redistest.Sentinel(t, "sessions", master)
	s := open(t, goredis.NewFailoverClient(&goredis.FailoverOptions{
		MasterName: "sessions", SentinelAddrs: []string{sentinel.Addr}, ContextTimeoutEnabled: true,
	}), redis.Options{Timeout: time.Second})
	if err := s.Create(t.Context(), "a", store.Record{Data: []byte("one")}); err != nil {
		t.Fatal(err)
	}
	master.Replicated()
	seen := make(chan error)
	go func() {
		rec, err := s.Watch(t.Context(), "a", 1)
		if err == nil && string(rec.Data) != "two" {
			err = errors.New("watched " + string(rec.Data))
		}
		seen <- err
	}()
	master.Kill()
	replica.Await(func() bool {
		err := s.Swap(t.Context(), "a", store.Record{Data: []byte("two"), Revision: 1})
		return err == nil || errors.Is(err, store.ErrConflict) // an attempt before may have counted
	}, "the replica takes over")
	if err := <-seen; err != nil {
		t.Errorf("Watch: %v", err)
	}
}

// TestMain fails when tests leave goroutines behind that belong to a store.
func TestMain(m *testing.M) { os.Exit(leakless(m)) }
