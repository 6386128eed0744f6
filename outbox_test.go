package irmaserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// tally counts the posts per session.
func tally(t testing.TB, posts []posted) map[irma.RequestorToken]int {
	t.Helper()
	out := make(map[irma.RequestorToken]int)
	for _, post := range posts {
		out[post.result(t).Token]++
	}
	return out
}

// wantOnce checks that each session was posted exactly once.
func wantOnce(t testing.TB, posts []posted, sessions []*irma.SessionPackage) {
	t.Helper()
	counts := tally(t, posts)
	if len(posts) != len(sessions) {
		t.Errorf("%d posts for %d sessions", len(posts), len(sessions))
	}
	wrong := 0
	for _, session := range sessions {
		if counts[session.Token] != 1 {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d sessions of %d were not posted exactly once", wrong, len(sessions))
	}
}

// beginMany starts sessions that post to a URL.
func (w *world) beginMany(t testing.TB, n int, callbackURL string) []*irma.SessionPackage {
	t.Helper()
	out := make([]*irma.SessionPackage, n)
	for i := range out {
		out[i] = w.begin(t, disclosing(callbackURL))
	}
	return out
}

// TestCallbackCrowd ends many sessions at once, in two ways, with a receiver
// that takes its time and refuses every tenth post.
func TestCallbackCrowd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		crowd int
		end   func(*testing.T, *world, []*irma.SessionPackage)
	}{
		"cancelled": {1000, func(t *testing.T, w *world, sessions []*irma.SessionPackage) {
			var group sync.WaitGroup
			for part := range 50 {
				group.Go(func() {
					for i := part; i < len(sessions); i += 50 {
						if err := w.CancelSession(t.Context(), sessions[i].Token); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
		}},
		"timed out": {1000, func(_ *testing.T, _ *world, _ []*irma.SessionPackage) { time.Sleep(15 * time.Minute) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := new(receiver)
			r.respond = func(w http.ResponseWriter, _ *http.Request, nth int) {
				time.Sleep(50 * time.Millisecond)
				if nth%10 == 0 {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}
			inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
				sessions := w.beginMany(t, test.crowd, "http://cb/")
				test.end(t, w, sessions)
				time.Sleep(3 * time.Minute)
				var accepted []posted
				for i, post := range r.got() {
					if (i+1)%10 != 0 {
						accepted = append(accepted, post)
					}
				}
				wantOnce(t, accepted, sessions)
				want := irmaserver.CallbackStats{Delivered: uint64(test.crowd), Failed: uint64(len(r.got()) - test.crowd)}
				if diff := cmp.Diff(want, w.CallbackStats()); diff != "" {
					t.Errorf("stats (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallbackDeadHosts checks that many results for silent hosts hold up
// nobody else, are kept, and are delivered when the hosts are back.
func TestCallbackDeadHosts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ hosts, sessions int }{
		"one host, many sessions": {1, 1000},
		"many hosts":              {60, 20},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			alive := &receiver{respond: func(http.ResponseWriter, *http.Request, int) { time.Sleep(10 * time.Millisecond) }}
			n := network{"alive": alive}
			back := make(chan struct{})
			late := new(receiver)
			dead := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-back:
					late.ServeHTTP(w, r)
				default:
					<-r.Context().Done()
				}
			})
			for i := range test.hosts {
				n[fmt.Sprint("dead", i)] = dead
			}
			inWorld(t, n, func(c *irmaserver.Config) { back = make(chan struct{}) }, func(t *testing.T, w *world) {
				var doomed []*irma.SessionPackage
				for i := range test.hosts {
					doomed = append(doomed, w.beginMany(t, test.sessions, fmt.Sprintf("http://dead%d/", i))...)
				}
				others := w.beginMany(t, 30, "http://alive/")
				for _, session := range doomed {
					w.cancel(t, session)
				}
				time.Sleep(time.Second)
				for i, session := range others {
					begin := time.Now()
					w.finish(t, session)
					if waited := time.Since(begin); waited > 100*time.Millisecond {
						t.Fatalf("wallet %d waited %v", i, waited)
					}
					time.Sleep(time.Second)
				}
				wantOnce(t, alive.got(), others)
				close(back)
				time.Sleep(8 * time.Minute)
				wantOnce(t, late.got(), doomed)
				if stats := w.CallbackStats(); stats.Delivered != uint64(len(doomed)+len(others)) || stats.Waiting+stats.Running != 0 {
					t.Errorf("stats are %+v", stats)
				}
			})
		})
	}
}

// TestCallbackSilentHosts checks that hundreds of silent hosts, from their first
// post on, delay no result for a host that answers, whether it is new or known.
func TestCallbackSilentHosts(t *testing.T) {
	t.Parallel()
	const hosts = 300
	known := new(receiver)
	n := network{"known": known}
	for i := range hosts {
		n[fmt.Sprint("silent", i)] = &receiver{respond: hang}
	}
	fresh := make([]*receiver, 5)
	for i := range fresh {
		fresh[i] = new(receiver)
		n[fmt.Sprint("fresh", i)] = fresh[i]
	}
	inWorld(t, n, nil, func(t *testing.T, w *world) {
		var doomed []*irma.SessionPackage
		for i := range hosts {
			doomed = append(doomed, w.beginMany(t, 5, fmt.Sprintf("http://silent%d/", i))...)
		}
		quick := func(host string, r *receiver, posts int) {
			t.Helper()
			begin := time.Now()
			w.finish(t, w.begin(t, disclosing("http://"+host+"/")))
			if got, waited := len(r.got()), time.Since(begin); got != posts || waited > 0 {
				t.Errorf("%s has %d results, want %d, when the wallet has its answer after %v", host, got, posts, waited)
			}
		}
		quick("known", known, 1)
		for _, session := range doomed {
			w.cancel(t, session)
		}
		for i, r := range fresh {
			quick("known", known, 2+i)
			quick(fmt.Sprint("fresh", i), r, 1)
			time.Sleep(time.Duration(3*i) * time.Second)
		}
		if stats := w.CallbackStats(); stats.Delivered != 11 || stats.Waiting+stats.Running < hosts {
			t.Errorf("stats are %+v", stats)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = w.Close(ctx)
	})
}

// TestCallbackNotFound posts to a receiver whose path is unknown for a while, or
// for good.
func TestCallbackNotFound(t *testing.T) {
	t.Parallel()
	for missing, want := range map[int]irmaserver.CallbackStats{
		1:    {Delivered: 1, Failed: 1},
		9:    {Delivered: 1, Failed: 9},
		10:   {Abandoned: 1, Failed: 9},
		1000: {Abandoned: 1, Failed: 9},
	} {
		t.Run(fmt.Sprint(missing), func(t *testing.T) {
			t.Parallel()
			r := &receiver{respond: func(w http.ResponseWriter, _ *http.Request, nth int) {
				if nth <= missing {
					w.WriteHeader(http.StatusNotFound)
				}
			}}
			inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
				w.finish(t, w.begin(t, disclosing("http://cb/")))
				time.Sleep(2 * time.Hour)
				if diff := cmp.Diff(want, w.CallbackStats()); diff != "" {
					t.Errorf("stats (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestCallbackClose closes servers that have results to post.
func TestCallbackClose(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		respond  func(http.ResponseWriter, *http.Request, int)
		sessions int
		wait     time.Duration // before closing
		patience time.Duration // of Close; 0 is endless
		posts    int
		err      error
	}{
		"being posted":       {func(http.ResponseWriter, *http.Request, int) { time.Sleep(time.Second) }, 1, 0, 0, 1, nil},
		"many to be posted":  {func(http.ResponseWriter, *http.Request, int) { time.Sleep(time.Second) }, 1000, 0, 0, 1000, nil},
		"waiting to retry":   {refuseOnce(""), 1, 100 * time.Millisecond, 0, 2, nil},
		"waiting very long":  {refuseOnce("3000"), 1, time.Second, 0, 2, nil},
		"never accepted":     {respond(503, ""), 3, 400 * time.Millisecond, 0, 6, nil},
		"too slow for Close": {hang, 1, 0, time.Second, 1, context.DeadlineExceeded},
		"many, too slow":     {hang, 1000, 0, time.Second, 32, context.DeadlineExceeded},
		"impatient":          {hang, 10, time.Second, time.Nanosecond, 10, context.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &receiver{respond: test.respond}
			inWorld(t, network{"cb": r}, nil, func(t *testing.T, w *world) {
				for _, session := range w.beginMany(t, test.sessions, "http://cb/") {
					w.cancel(t, session)
				}
				synctest.Wait()
				time.Sleep(test.wait)
				ctx, cancel := context.WithCancel(t.Context())
				if test.patience > 0 {
					ctx, cancel = context.WithTimeout(t.Context(), test.patience)
				}
				defer cancel()
				begin := time.Now()
				var group sync.WaitGroup
				for range 2 {
					group.Go(func() {
						if err := w.Close(ctx); !errors.Is(err, test.err) {
							t.Errorf("Close: %v, want %v", err, test.err)
						}
					})
				}
				group.Wait()
				if took := time.Since(begin); test.patience > 0 && took > test.patience {
					t.Errorf("Close took %v", took)
				}
				synctest.Wait()
				if got := len(r.got()); got > test.posts || test.err == nil && got != test.posts {
					t.Errorf("%d posts, want %d", got, test.posts)
				}
				stats := w.CallbackStats()
				if aborted := test.err != nil; stats.Waiting+stats.Running != 0 || aborted && stats.Failed != 0 {
					t.Errorf("closed with %+v", stats)
				}
			})
		})
	}
}

// refuseOnce refuses the first post.
func refuseOnce(retryAfter string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth == 1 {
			w.Header().Set("Retry-After", retryAfter)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
}

// TestCallbackRestart lets a second server on the same store make the deliveries
// that the first one did not.
func TestCallbackRestart(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		respond func(http.ResponseWriter, *http.Request, int) // while the first server runs
		end     bool                                          // the sessions before it closes
		down    time.Duration                                 // between the servers
		within  time.Duration                                 // of the start of the second server
	}{
		"posting when it stopped":    {hang, true, 0, 30 * time.Second},
		"retrying":                   {respond(503, ""), true, 0, 10 * time.Second},
		"after an outage":            {hang, true, 40 * time.Minute, 5 * time.Second},
		"timed out in an outage":     {hang, false, 50 * time.Minute, 5 * time.Second},
		"timed out after an outage":  {hang, false, 5 * time.Minute, 11 * time.Minute},
		"timed out with the servers": {hang, false, 15 * time.Minute, 5 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := &receiver{respond: test.respond}, new(receiver)
			n := network{"cb": first}
			share := func(c *irmaserver.Config) { c.Store = memory.New(memory.Config{}) }
			inWorld(t, n, share, func(t *testing.T, w *world) {
				sessions := w.beginMany(t, 20, "http://cb/")
				if test.end {
					for _, session := range sessions {
						w.cancel(t, session)
					}
				}
				time.Sleep(time.Second)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_ = w.Close(ctx)
				synctest.Wait()
				time.Sleep(test.down)

				cfg := w.cfg
				cfg.HTTPClient = network{"cb": second}.client()
				again, err := irmaserver.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(test.within)
				wantOnce(t, second.got(), sessions)
				keys := make(map[string]bool)
				for _, post := range append(first.got(), second.got()...) {
					keys[post.header.Get("Idempotency-Key")] = true
				}
				if len(keys) != len(sessions) {
					t.Errorf("%d keys for %d sessions", len(keys), len(sessions))
				}
				if err := again.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestCallbackTwoServers runs two servers on a store: each result is posted
// once, also when its receiver is slow and refuses some.
func TestCallbackTwoServers(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	r.respond = func(w http.ResponseWriter, _ *http.Request, nth int) {
		time.Sleep(2 * time.Second)
		if nth%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	share := func(c *irmaserver.Config) { c.Store = memory.New(memory.Config{}) }
	inWorld(t, network{"cb": r}, share, func(t *testing.T, w *world) {
		other, err := irmaserver.New(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		sessions := w.beginMany(t, 400, "http://cb/")
		for i, session := range sessions {
			switch i % 4 {
			case 0:
				w.cancel(t, session)
			case 1:
				if err := other.CancelSession(t.Context(), session.Token); err != nil {
					t.Error(err)
				}
			}
		}
		time.Sleep(40 * time.Minute) // the others time out
		var accepted []posted
		for i, post := range r.got() {
			if (i+1)%3 != 0 {
				accepted = append(accepted, post)
			}
		}
		wantOnce(t, accepted, sessions)
		if err := other.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// flakyStore fails every nth Swap, of which every other one has happened.
type flakyStore struct {
	store.Store
	nth int

	mu    sync.Mutex
	swaps int
}

func (f *flakyStore) Swap(ctx context.Context, key string, rec store.Record) error {
	f.mu.Lock()
	f.swaps++
	swaps := f.swaps
	f.mu.Unlock()
	if swaps%f.nth == 0 {
		if swaps%(2*f.nth) == 0 {
			_ = f.Store.Swap(ctx, key, rec)
		}
		return errors.New("connection reset")
	}
	return f.Store.Swap(ctx, key, rec)
}

// TestCallbackFlakyStore checks that no result is lost when the store cannot be
// asked at times; some may be posted twice, with the same key.
func TestCallbackFlakyStore(t *testing.T) {
	t.Parallel()
	r := new(receiver)
	share := func(c *irmaserver.Config) { c.Store = &flakyStore{Store: memory.New(memory.Config{}), nth: 5} }
	inWorld(t, network{"cb": r}, share, func(t *testing.T, w *world) {
		sessions := w.beginMany(t, 100, "http://cb/")
		time.Sleep(30 * time.Minute)
		counts, keys := tally(t, r.got()), make(map[string]bool)
		for _, post := range r.got() {
			keys[post.header.Get("Idempotency-Key")] = true
		}
		if len(counts) != len(sessions) || len(keys) != len(sessions) {
			t.Errorf("results of %d sessions with %d keys, want %d", len(counts), len(keys), len(sessions))
		}
	})
}

// TestCallbackGoroutines checks that a crowd of undelivered results takes no
// crowd of goroutines.
func TestCallbackGoroutines(t *testing.T) {
	t.Parallel()
	inWorld(t, network{"cb": &receiver{respond: hang}}, nil, func(t *testing.T, w *world) {
		for _, session := range w.beginMany(t, 2000, "http://cb/"+strings.Repeat("x", 10)) {
			w.cancel(t, session)
		}
		synctest.Wait()
		stats := w.CallbackStats()
		if stats.Running > 4 || stats.Waiting < 1990 {
			t.Errorf("stats are %+v", stats)
		}
		if n := runtime.NumGoroutine(); n > 1000 {
			t.Errorf("%d goroutines", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = w.Close(ctx)
	})
}
