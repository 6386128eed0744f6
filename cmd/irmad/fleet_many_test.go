package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// manySessions is how many sessions TestFleetMany does, unless the environment
// variable IRMAD_SESSIONS tells.
const manySessions = 100

// tally counts how sessions ended, as told by those who asked.
type tally struct {
	mu        sync.Mutex // guards what follows
	done      []irma.RequestorToken
	abandoned []irma.RequestorToken // by their wallet, after three irmads died with it
	refused   int                   // starts that got no answer, because an irmad died with them
	lost      []irma.RequestorToken
}

// TestFleetMany does many sessions through three irmads that are killed all the
// time, and replaced. No session is lost, none ends twice, no credential is given
// twice, and every result is posted. Half of the sessions issue, the others
// disclose what was issued.
func TestFleetMany(t *testing.T) {
	t.Parallel()
	total := manySessions
	if text := os.Getenv("IRMAD_SESSIONS"); text != "" {
		var err error
		total, err = strconv.Atoi(text)
		must(t, err)
	}
	results, count := newResultHook(t), new(tally)
	f := newFleet(t, 3, withRedis(redistest.Start(t))...)
	start := time.Now()
	jobs, finished := make(chan int), make(chan struct{})
	var workers sync.WaitGroup
	for range 8 {
		w := phone(t, wallet.Config{})
		workers.Go(func() {
			for range jobs {
				request := age()
				if len(w.Credentials()) > 0 && rand.IntN(2) == 0 {
					request = adult()
				}
				request.CallbackURL = results.URL
				f.endure(t, w, request, count)
			}
		})
	}
	go func() {
		defer close(finished)
		for i := range total {
			jobs <- i
		}
		close(jobs)
		workers.Wait()
	}()
	kills := f.killAllAlong(t, finished)
	took := time.Since(start)

	eventually(t, 2*time.Minute, "all results are posted", func() bool {
		results.mu.Lock()
		defer results.mu.Unlock()
		for _, token := range append(count.done, count.abandoned...) {
			if results.sessions[token] == nil {
				return false
			}
		}
		return true
	})
	once, more := f.issuedTwice()
	repeated := results.repeated(t)
	t.Logf("%d sessions in %v, %d kills: %d done, %d given up by their wallet; %d starts repeated; %d lost; "+
		"%d issued, %d of them more than once; results of %d posted, %d of them more than once, with the same id",
		total, took.Round(time.Second), kills, len(count.done), len(count.abandoned), count.refused, len(count.lost),
		once, more, len(results.sessions), repeated)
	if len(count.lost) > 0 || more > 0 || len(results.mixed) > 0 {
		t.Errorf("lost %q, %d issued twice, ended twice %q", count.lost, more, results.mixed)
	}
	for _, token := range count.done {
		if p := results.sessions[token]; p == nil || p.status != irma.StatusDone {
			t.Errorf("the result of %s was posted as %+v", token, p)
		}
	}
	if kills < 2 {
		t.Errorf("only %d kills", kills)
	}
}

// endure does one session, whatever dies meanwhile, and counts how it ended.
func (f *fleet) endure(t *testing.T, w *wallet.Wallet, request *irma.ExtendedRequest, count *tally) {
	session, starts, err := f.insist(t.Context(), request)
	if err != nil {
		t.Error(err)
		return
	}
	_, failure := w.Perform(t.Context(), session.SessionPtr)
	result, err := f.ask(t.Context(), session.Token)
	if failure != nil && err == nil && !result.Status.Finished() {
		_ = f.client.CancelSession(t.Context(), session.Token) // what became of it is asked next
		result, err = f.ask(t.Context(), session.Token)
	}
	count.mu.Lock()
	defer count.mu.Unlock()
	count.refused += starts - 1
	switch {
	case err != nil, failure == nil && (result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid):
		t.Errorf("session: %v, result %+v, %v", failure, result, err)
		count.lost = append(count.lost, session.Token)
	case failure != nil:
		count.abandoned = append(count.abandoned, session.Token)
	default:
		count.done = append(count.done, session.Token)
	}
}

// insist starts a session, again when an irmad dies with it, and returns how often.
func (f *fleet) insist(ctx context.Context, request *irma.ExtendedRequest) (*irma.SessionPackage, int, error) {
	for starts := 1; ; starts++ {
		session, err := f.client.StartSession(ctx, request)
		if err == nil || irma.AsError(err) != nil || starts == 20 {
			return session, starts, err
		}
	}
}

// ask asks for a result, again when an irmad dies with that.
func (f *fleet) ask(ctx context.Context, token irma.RequestorToken) (*irma.SessionResult, error) {
	for asked := 1; ; asked++ {
		result, err := f.client.Result(ctx, token)
		if err == nil || irma.AsError(err) != nil || asked == 20 {
			return result, err
		}
	}
}

// killAllAlong kills one irmad after another, each time after starting another,
// until finished is closed. It returns how many it has killed.
func (f *fleet) killAllAlong(t *testing.T, finished <-chan struct{}) int {
	t.Helper()
	for kills := 0; ; kills++ {
		f.add()
		select {
		case <-finished:
			return kills
		case <-time.After(rand.N(time.Second)):
		}
		f.mu.Lock()
		victim := f.live[rand.IntN(len(f.live))]
		f.mu.Unlock()
		_ = victim.cmd.Process.Kill() // nothing else ends it
		select {                      // requests still go there for a while
		case <-finished:
		case <-time.After(50 * time.Millisecond):
		}
		f.kill(victim)
	}
}

// repeated checks that all posts about a session had the same id, and returns how
// many sessions had several.
func (h *resultHook) repeated(t *testing.T) int {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	several, seen := 0, map[string]bool{}
	for token, p := range h.sessions {
		if len(p.ids) > 1 {
			several++
		}
		for _, id := range p.ids {
			if id != p.ids[0] {
				t.Errorf("the result of %s was posted with several ids", token)
			}
		}
		if seen[p.ids[0]] || p.ids[0] == "" {
			t.Error(errors.New("an id was used for several sessions"))
		}
		seen[p.ids[0]] = true
	}
	return several
}
