package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// full does a session with all steps there are: pairing, issuance, and a callback
// to results.
func (f *fleet) full(t *testing.T, results *resultHook) {
	t.Helper()
	shown := make(chan string, 1)
	w := phone(t, wallet.Config{ShowPairingCode: func(_ context.Context, code string) { shown <- code }})
	request := age()
	request.CallbackURL = results.URL
	session, err := f.client.StartSession(t.Context(), request)
	must(t, err)
	frontend := requestor.NewFrontend(session)
	_, err = frontend.EnablePairing(t.Context())
	must(t, err)
	ended := make(chan error, 1)
	go func() { _, err := w.Perform(t.Context(), session.SessionPtr); ended <- err }()
	select {
	case <-shown:
		must(t, frontend.ConfirmPairing(t.Context()))
		must(t, <-ended)
	case err := <-ended:
		t.Fatalf("the wallet has ended before pairing: %v", err)
	}
	result, err := f.client.Result(t.Context(), session.Token)
	valid(t, result, err)
	if p := results.await(t, session.Token, time.Minute); p.status != irma.StatusDone {
		t.Errorf("posted %+v", p)
	}
	if got := len(w.Credentials()); got != 1 {
		t.Errorf("the wallet has %d credentials, want 1", got)
	}
}

// afterEachStep does sessions and each time, after one more answer than the time
// before, has something happen before the answer is passed on. It returns how many
// steps there were. prepare is called before each session.
func (f *fleet) afterEachStep(t *testing.T, session, prepare func(), happen func(by *child)) int {
	t.Helper()
	for step := int64(1); ; step++ {
		prepare()
		var answers atomic.Int64
		count := func(_ *http.Request, by *child) {
			if answers.Add(1) == step {
				happen(by)
			}
		}
		f.answered.Store(&count)
		session()
		f.answered.Store(nil)
		if answers.Load() < step {
			return int(step) - 1
		}
	}
}

// TestFleetKilled kills an irmad after each step of a session, before whoever it
// has answered knows that; and the same with a static session that another one
// follows on.
func TestFleetKilled(t *testing.T) {
	t.Parallel()
	results := newResultHook(t)
	desk := newDesk(t, results)
	f := newFleet(t, 1, withRedis(redistest.Start(t), "--static-sessions", desk.static)...)
	refill := func() {
		for len(f.live) < 2 {
			f.add()
		}
	}
	w := phone(t, wallet.Config{})
	f.perform(t, w, age())
	full := f.afterEachStep(t, func() { f.full(t, results) }, refill, f.kill)
	chained := f.afterEachStep(t, func() { desk.visit(t, f, w) }, refill, f.kill)
	if full < 7 || chained < 5 {
		t.Errorf("the sessions had %d and %d steps, want all of them", full, chained)
	}
	want := 1 + full + 1 + chained + 1
	if once, more := f.issuedTwice(); once != want || more != 0 {
		t.Errorf("%d sessions have issued, %d of them more than once; want %d and none", once, more, want)
	}
}

// desk is a static session for whoever has the demo credential, on which follows an
// issuance. Both are told to results.
type desk struct {
	static  string
	results *resultHook
}

func newDesk(t *testing.T, results *resultHook) *desk {
	t.Helper()
	next := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		request := age()
		request.CallbackURL = results.URL
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(request); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(next.Close)
	request := adult()
	request.CallbackURL, request.NextSession = results.URL, &irma.NextSession{URL: next.URL}
	static, err := json.Marshal(map[string]any{"desk": request})
	must(t, err)
	return &desk{static: string(static), results: results}
}

// visit does both sessions, and waits until their results are posted.
func (d *desk) visit(t *testing.T, f *fleet, w *wallet.Wallet) {
	t.Helper()
	before := d.results.count()
	outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: f.proxy.URL + "/irma/session/desk", Action: "redirect"})
	must(t, err)
	if outcome.Next == nil {
		t.Errorf("outcome is %+v, want one with a follow-up", outcome)
	}
	eventually(t, time.Minute, "both results are posted", func() bool { return d.results.count() >= before+2 })
}

// TestFleetPostsAgain kills an irmad that is posting a result. Another one posts it
// again, under the same id, when the time is over in which the first should have.
func TestFleetPostsAgain(t *testing.T) {
	t.Parallel()
	results := newResultHook(t)
	f := newFleet(t, 1, withRedis(redistest.Start(t))...)
	poster := f.all[0]
	began, gone := make(chan string, 10), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began <- r.Header.Get("Idempotency-Key")
		if len(began) == 1 {
			<-gone
			return
		}
		results.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	request := age()
	request.CallbackURL = slow.URL
	session, err := f.client.StartSession(t.Context(), request)
	must(t, err)
	go func() { _, _ = phone(t, wallet.Config{}).Perform(t.Context(), session.SessionPtr) }() // its irmad dies
	eventually(t, time.Minute, "the result is being posted", func() bool { return len(began) > 0 })
	f.add()
	f.kill(poster)
	close(gone)
	p := results.await(t, session.Token, time.Minute)
	if first := <-began; p.status != irma.StatusDone || len(p.ids) != 1 || p.ids[0] != first {
		t.Errorf("posted %+v, after a first attempt with id %s", p, first)
	}
}

// TestFleetOrphans checks that a session times out, and that is told, whose irmad
// has died.
func TestFleetOrphans(t *testing.T) {
	t.Parallel()
	results := newResultHook(t)
	f := newFleet(t, 1, withRedis(redistest.Start(t))...)
	gone := f.all[0]
	request := adult()
	request.Timeout, request.CallbackURL = 1, results.URL
	session, err := f.client.StartSession(t.Context(), request)
	must(t, err)
	f.kill(gone)
	f.add()
	p := results.await(t, session.Token, time.Minute)
	if p.status != irma.StatusTimeout || len(p.ids) != 1 {
		t.Errorf("posted %+v, want the timeout", p)
	}
	result, err := f.client.Result(t.Context(), session.Token)
	if err != nil || result.Status != irma.StatusTimeout {
		t.Errorf("result is %+v, %v; want it timed out", result, err)
	}
}

// TestFleetRollingUpdate replaces all irmads one by one while sessions go on, of
// which none fails.
func TestFleetRollingUpdate(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2, withRedis(redistest.Start(t), "--shutdown-delay", "1")...)
	ctx, cancel := context.WithCancel(t.Context())
	var sessions atomic.Int64
	var workers sync.WaitGroup
	for range 4 {
		w := phone(t, wallet.Config{})
		workers.Go(func() {
			for ctx.Err() == nil {
				f.perform(t, w, age())
				sessions.Add(1)
			}
		})
	}
	for _, old := range append([]*child(nil), f.all...) {
		f.add()
		before := sessions.Load()
		eventually(t, time.Minute, "sessions go on", func() bool { return sessions.Load() > before+8 })
		must(t, old.cmd.Process.Signal(syscall.SIGTERM))
		awaitStatus(t, old.admin+"/ready", http.StatusServiceUnavailable)
		f.leave(old)
		if err := old.cmd.Wait(); err != nil {
			t.Errorf("an old irmad has ended with %v:\n%s", err, old.log.String())
		}
	}
	before := sessions.Load()
	eventually(t, time.Minute, "sessions go on", func() bool { return sessions.Load() > before+8 })
	cancel()
	workers.Wait()
	t.Logf("%d sessions, none failed", sessions.Load())
}
