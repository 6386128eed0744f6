package timestamp_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/timestamp"
)

func TestAnswersAreRemembered(t *testing.T) {
	t.Parallel()
	server, _ := stamped(t)
	moment := now
	v := timestamp.NewVerifier(timestamp.Config{Now: func() time.Time { return moment }})
	verify := func(text string) error {
		return v.Verify(t.Context(), server.URL, server.Stamp(now, digest(text)), digest(text))
	}
	steps := []struct {
		name    string
		at      time.Time
		trusted bool
		fails   bool
		lookups int
	}{
		{"first", now, true, false, 1},
		{"other value, same key", now, true, false, 1},
		{"as long as the answer holds", expires.Add(-time.Nanosecond), false, false, 1},
		{"then the server is asked again", expires, false, true, 2},
		{"a refusal is remembered", expires.Add(time.Minute - 1), true, true, 2},
		{"for a minute", expires.Add(time.Minute), true, false, 3},
		{"nothing is remembered beyond the expiry", expires.Add(time.Minute), true, false, 4},
	}
	for _, step := range steps {
		moment = step.at
		server.Trust(step.trusted, expires)
		if err := verify(step.name); (err != nil) != step.fails {
			t.Errorf("%s: error %v", step.name, err)
		}
		if n := server.Lookups(); n != step.lookups {
			t.Errorf("%s: asked %d times, want %d", step.name, n, step.lookups)
		}
	}
}

// Answers are about a server and a key.
func TestAnswersOfServersAreSeparate(t *testing.T) {
	t.Parallel()
	server, stamp := stamped(t)
	v := verifier()
	if err := v.Verify(t.Context(), server.URL, stamp, digest("value")); err != nil {
		t.Fatal(err)
	}
	other := atumtest.NewServer(t, expires, at(now))
	other.Trust(false, expires)
	wantError(t, v.Verify(t.Context(), other.URL, stamp, digest("value")), "does not trust the key")
}

// Failures say nothing about the key, so the next call asks again.
func TestFailuresAreNotRemembered(t *testing.T) {
	t.Parallel()
	server := atumtest.New("key", expires, at(now))
	var broken atomic.Bool
	broken.Store(true)
	v := timestamp.NewVerifier(timestamp.Config{Now: at(now), HTTPClient: inProcess(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			http.Error(w, "broken", http.StatusBadGateway)
			return
		}
		server.ServeHTTP(w, r)
	}).client()})
	stamp := server.Stamp(now, digest("value"))
	wantError(t, v.Verify(t.Context(), virtualURL, stamp, digest("value")), "status 502")
	broken.Store(false)
	if err := v.Verify(t.Context(), virtualURL, stamp, digest("value")); err != nil {
		t.Error(err)
	}
}

// A key that a server trusts stays remembered, however many made-up keys come
// by.
func TestMadeUpKeysDoNotCrowdOutTrustedOnes(t *testing.T) {
	t.Parallel()
	server := atumtest.New("key", expires, at(now))
	moment := now
	v := timestamp.NewVerifier(timestamp.Config{
		Now:        func() time.Time { return moment },
		HTTPClient: inProcess(server.ServeHTTP).client(),
	})
	verify := func(signer *atumtest.Server) error {
		return v.Verify(t.Context(), virtualURL, signer.Stamp(now, digest("value")), digest("value"))
	}
	if err := verify(server); err != nil {
		t.Fatal(err)
	}
	const made = 1000
	for i := range made {
		moment = moment.Add(time.Millisecond)
		if verify(atumtest.New(fmt.Sprint(i), expires, at(now))) == nil {
			t.Fatal("a made-up key is trusted")
		}
	}
	if err := verify(server); err != nil {
		t.Error(err)
	}
	if n := server.Lookups(); n != made+1 {
		t.Errorf("asked %d times, want %d", n, made+1)
	}
	// Of the made-up keys the last ones are still known, the first are not.
	_ = verify(atumtest.New(fmt.Sprint(made-1), expires, at(now)))
	_ = verify(atumtest.New("0", expires, at(now)))
	if n := server.Lookups(); n != made+2 {
		t.Errorf("asked %d times, want %d", n, made+2)
	}
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := atumtest.New("key", expires, time.Now)
		v := virtual(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		begin := time.Now()
		err := v.Verify(t.Context(), virtualURL, server.Stamp(begin, digest("value")), digest("value"))
		if err == nil || time.Since(begin) != 3*time.Second {
			t.Errorf("after %s: %v; want an error after 3s", time.Since(begin), err)
		}
	})
}

// A server that is slow with every byte does not keep anybody longer either.
func TestTricklingServer(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	url := handler(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"Trusted":`))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	})
	t.Cleanup(func() { close(stop) })
	v := timestamp.NewVerifier(timestamp.Config{Now: at(now), Timeout: time.Millisecond})
	stamp := atumtest.New("key", expires, at(now)).Stamp(now, digest("value"))
	if err := v.Verify(t.Context(), url, stamp, digest("value")); err == nil {
		t.Error("verified with half an answer")
	}
}

func TestConcurrentCallsShareALookup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := atumtest.New("key", time.Now().Add(time.Hour), time.Now)
		release := make(chan struct{})
		v := virtual(func(w http.ResponseWriter, r *http.Request) {
			<-release
			server.ServeHTTP(w, r)
		})
		stamp := server.Stamp(time.Now(), digest("value"))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := v.Verify(t.Context(), virtualURL, stamp, digest("value")); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		if n := server.Lookups(); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
	})
}

// All who wait learn of a failure at once; the request is not repeated for each.
func TestConcurrentCallsShareAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		v := virtual(func(_ http.ResponseWriter, r *http.Request) { asked.Add(1); <-r.Context().Done() })
		stamp := atumtest.New("key", expires, time.Now).Stamp(time.Now(), digest("value"))
		begin := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if v.Verify(t.Context(), virtualURL, stamp, digest("value")) == nil {
					t.Error("verified without the server")
				}
			})
		}
		wg.Wait()
		if took := time.Since(begin); took != 3*time.Second || asked.Load() != 1 {
			t.Errorf("asked %d times in %s, want once in 3s", asked.Load(), took)
		}
	})
}

// The one who asks on behalf of others may go away; the others still get an
// answer.
func TestLeaderGoesAway(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		},
		"own deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := atumtest.New("key", time.Now().Add(time.Hour), time.Now)
				var asked atomic.Int64
				v := virtual(func(w http.ResponseWriter, r *http.Request) {
					if asked.Add(1) == 1 {
						<-r.Context().Done()
						return
					}
					server.ServeHTTP(w, r)
				})
				stamp := server.Stamp(time.Now(), digest("value"))
				var wg sync.WaitGroup
				wg.Go(func() {
					ctx, cancel := leave(t.Context())
					defer cancel()
					if v.Verify(ctx, virtualURL, stamp, digest("value")) == nil {
						t.Error("verified for somebody who went away")
					}
				})
				synctest.Wait()
				begin := time.Now()
				for range 10 {
					wg.Go(func() {
						if err := v.Verify(t.Context(), virtualURL, stamp, digest("value")); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(begin); took != time.Second || asked.Load() != 2 {
					t.Errorf("asked %d times in %s, want twice in 1s", asked.Load(), took)
				}
			})
		})
	}
}

// However many made-up keys come at once, the server gets few requests at a
// time, and nobody waits longer than the timeout.
func TestRequestsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		v := virtual(func(_ http.ResponseWriter, r *http.Request) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-r.Context().Done()
		})
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				stamp := atumtest.New(fmt.Sprint(i), expires, time.Now).Stamp(time.Now(), digest("value"))
				wantError(t, v.Verify(t.Context(), virtualURL, stamp, digest("value")), "timestamp server")
			})
		}
		wg.Wait()
		if took := time.Since(begin); took != 3*time.Second || most.Load() > 8 {
			t.Errorf("%d requests at once, all done after %s; want at most 8, and 3s", most.Load(), took)
		}
	})
}
