package irmaserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// ledger is a store that notes what it is asked, except for Due, which is asked
// once a second whatever happens.
type ledger struct {
	store.Store
	mu    sync.Mutex // guards asked
	asked string     // a letter for each operation
}

func (l *ledger) note(letter string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked += letter
}

// take returns what has been asked since it was called before.
func (l *ledger) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.asked
	l.asked = ""
	return out
}

func (l *ledger) Create(ctx context.Context, key string, rec store.Record) error {
	l.note("C")
	return l.Store.Create(ctx, key, rec)
}

func (l *ledger) Load(ctx context.Context, key string) (store.Record, error) {
	l.note("L")
	return l.Store.Load(ctx, key)
}

func (l *ledger) Swap(ctx context.Context, key string, rec store.Record) error {
	l.note("S")
	return l.Store.Swap(ctx, key, rec)
}

func (l *ledger) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	l.note("W")
	return l.Store.Watch(ctx, key, after)
}

// TestRoundTrips counts what each step of the protocol asks of the store, which is
// a round trip each where that is elsewhere (docs/operate.md).
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	asked := &ledger{Store: memory.New(memory.Config{})}
	s := newSite(t, func(c *irmaserver.Config) { c.Store, c.AllowUnsignedCallbacks = asked, true })
	steps := map[string]string{}
	w := s.NewWallet(t, wallet.Config{Trace: func(step wallet.Step) { steps[step.Name] = asked.take() }})

	session := s.start(discloseOver18)
	steps["start"] = asked.take()
	for _, get := range []struct{ name, path string }{
		{"status", session.SessionPtr.URL + "/status"},
		{"result", "/session/" + string(session.Token) + "/result"},
	} {
		s.do("GET", get.path, "")
		steps[get.name] = asked.take()
	}
	s.do("POST", session.SessionPtr.URL+"/frontend/options", pinOptions, frontendHeaders(session)...)
	steps["frontend options"] = asked.take()
	s.do("DELETE", session.SessionPtr.URL, "")
	steps["cancel"] = asked.take()

	issuance, err := s.Irma.StartSession(t.Context(), irma.NewIssuanceRequest(ageLimits))
	if err != nil {
		t.Fatal(err)
	}
	asked.take()
	if _, err := w.Perform(t.Context(), issuance.SessionPtr); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Irma.WaitResult(t.Context(), issuance.Token); err != nil {
		t.Error(err)
	}
	steps["wait for a result that is there"] = asked.take()

	posted := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posted <- asked.take() }))
	defer receiver.Close()
	request := irma.NewDisclosureRequest(over18ID).Extended()
	request.CallbackURL = receiver.URL
	told, err := s.Irma.StartSession(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	asked.take()
	if _, err := w.Perform(t.Context(), told.SessionPtr); err != nil { // answered when the result is posted
		t.Fatal(err)
	}
	steps["send proofs, and post the result"] = <-posted
	steps["note that the result was accepted"] = steps[wallet.StepProofs]
	delete(steps, wallet.StepProofs)

	want := map[string]string{
		"start":                             "C",
		"status":                            "L",
		"result":                            "L",
		"frontend options":                  "LS",
		"cancel":                            "LS",
		wallet.StepConnect:                  "LS",
		wallet.StepCommitments:              "LS",
		"wait for a result that is there":   "L",
		"send proofs, and post the result":  "LSL",
		"note that the result was accepted": "S",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("operations of the store (-want +got):\n%s", diff)
	}
}
