package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// valid checks that a session ended well.
func valid(t *testing.T, result *irma.SessionResult, err error) {
	t.Helper()
	if err != nil || result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
		t.Errorf("result is %+v, %v; want a valid one", result, err)
	}
}

// perform starts a session at the fleet, lets the wallet do it, and returns its
// result while somebody waits for it.
func (f *fleet) perform(t *testing.T, w *wallet.Wallet, request *irma.ExtendedRequest) (*wallet.Outcome, *irma.SessionPackage) {
	t.Helper()
	session, err := f.client.StartSession(t.Context(), request)
	must(t, err)
	type ending struct {
		result *irma.SessionResult
		err    error
	}
	waited := make(chan ending, 1)
	go func() {
		result, err := f.client.WaitResult(t.Context(), session.Token)
		waited <- ending{result, err}
	}()
	outcome, err := w.Perform(t.Context(), session.SessionPtr)
	must(t, err)
	end := <-waited
	valid(t, end.result, end.err)
	return outcome, session
}

// TestFleet uses every feature of three irmads behind one address that gives
// each request to another one.
func TestFleet(t *testing.T) {
	t.Parallel()
	results := newResultHook(t)
	static := `{"door":{"request":{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["` + string(demoCredential) + `.over18"]]]},"callbackUrl":"` + results.URL + `"}}`
	f := newFleet(t, 3, withRedis(redistest.Start(t), "--static-sessions", static)...)
	features := map[string]func(*testing.T){
		"issuance and disclosure": func(t *testing.T) {
			w := phone(t, wallet.Config{})
			f.perform(t, w, age())
			f.perform(t, w, adult())
		},
		"signature": func(t *testing.T) {
			w := phone(t, wallet.Config{})
			f.perform(t, w, age())
			f.perform(t, w, irma.NewSignatureRequest("I agree", irma.AttributeTypeID(demoCredential+".over18")).Extended())
		},
		"pairing":   func(t *testing.T) { fleetPairing(t, f) },
		"events":    func(t *testing.T) { fleetEvents(t, f) },
		"chain":     func(t *testing.T) { fleetChain(t, f) },
		"callbacks": func(t *testing.T) { fleetCallbacks(t, f, results) },
		"static": func(t *testing.T) {
			w := phone(t, wallet.Config{})
			f.perform(t, w, age())
			results.mu.Lock()
			before := len(results.sessions)
			results.mu.Unlock()
			_, err := w.Perform(t.Context(), irma.SessionPointer{URL: f.proxy.URL + "/irma/session/door", Action: "redirect"})
			must(t, err)
			eventually(t, time.Minute, "the result is posted", func() bool {
				results.mu.Lock()
				defer results.mu.Unlock()
				return len(results.sessions) > before
			})
		},
		"cancellation": func(t *testing.T) {
			session, err := f.client.StartSession(t.Context(), adult())
			must(t, err)
			must(t, f.client.CancelSession(t.Context(), session.Token))
			result, err := f.client.WaitResult(t.Context(), session.Token)
			if err != nil || result.Status != irma.StatusCancelled {
				t.Errorf("result is %+v, %v; want it cancelled", result, err)
			}
		},
		"timeout": func(t *testing.T) {
			request := adult()
			request.Timeout, request.CallbackURL = 1, results.URL
			session, err := f.client.StartSession(t.Context(), request)
			must(t, err)
			result, err := f.client.WaitResult(t.Context(), session.Token)
			if err != nil || result.Status != irma.StatusTimeout {
				t.Errorf("result is %+v, %v; want it timed out", result, err)
			}
			if got := results.await(t, session.Token, time.Minute); got.status != irma.StatusTimeout {
				t.Errorf("posted %+v", got)
			}
		},
	}
	for name, test := range features {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
	t.Cleanup(func() {
		results.mu.Lock()
		defer results.mu.Unlock()
		for token, p := range results.sessions {
			if len(p.ids) != 1 || p.ids[0] == "" {
				t.Errorf("result of %s was posted with ids %q, want once", token, p.ids)
			}
		}
	})
}

func fleetPairing(t *testing.T, f *fleet) {
	shown := make(chan string, 1)
	w := phone(t, wallet.Config{ShowPairingCode: func(_ context.Context, code string) { shown <- code }})
	session, err := f.client.StartSession(t.Context(), age())
	must(t, err)
	frontend := requestor.NewFrontend(session)
	code, err := frontend.EnablePairing(t.Context())
	must(t, err)
	ended := make(chan error, 1)
	go func() { _, err := w.Perform(t.Context(), session.SessionPtr); ended <- err }()
	if got := <-shown; got != code {
		t.Errorf("the wallet shows %q, the frontend has %q", got, code)
	}
	must(t, frontend.ConfirmPairing(t.Context()))
	must(t, <-ended)
	result, err := f.client.Result(t.Context(), session.Token)
	valid(t, result, err)
}

// fleetEvents follows a session by events, as its frontend and as its requestor.
func fleetEvents(t *testing.T, f *fleet) {
	session, err := f.client.StartSession(t.Context(), age())
	must(t, err)
	frontend, w := requestor.NewFrontend(session), phone(t, wallet.Config{})
	began, ended := make(chan struct{}, 2), make(chan []irma.Status, 2)
	for _, statuses := range []func(yield func(irma.Status, error) bool){
		frontend.Statuses(t.Context()), f.client.Statuses(t.Context(), session.Token),
	} {
		go func() {
			var seen []irma.Status
			for status, err := range statuses {
				if err != nil {
					t.Error(err)
					break
				}
				if seen = append(seen, status); len(seen) == 1 {
					began <- struct{}{}
				}
			}
			ended <- seen
		}()
	}
	<-began
	<-began
	_, err = w.Perform(t.Context(), session.SessionPtr)
	must(t, err)
	for range 2 {
		want := []irma.Status{irma.StatusInitialized, irma.StatusConnected, irma.StatusDone}
		if diff := cmp.Diff(want, <-ended); diff != "" {
			t.Errorf("statuses (-want +got):\n%s", diff)
		}
	}
}

// fleetChain has a disclosure follow on an issuance.
func fleetChain(t *testing.T, f *fleet) {
	next := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(adult()); err != nil {
			t.Error(err)
		}
	}))
	defer next.Close()
	request := age()
	request.NextSession = &irma.NextSession{URL: next.URL}
	outcome, _ := f.perform(t, phone(t, wallet.Config{}), request)
	if outcome.Next == nil || outcome.Next.ProofStatus != irma.ProofValid {
		t.Errorf("follow-up is %+v, want a valid one", outcome.Next)
	}
}

// fleetCallbacks checks that each result is posted once.
func fleetCallbacks(t *testing.T, f *fleet, results *resultHook) {
	w := phone(t, wallet.Config{})
	var ids []string
	for range 5 {
		request := age()
		request.CallbackURL = results.URL
		_, session := f.perform(t, w, request)
		p := results.await(t, session.Token, time.Minute)
		if p.status != irma.StatusDone {
			t.Errorf("posted %+v", p)
		}
		ids = append(ids, p.ids[0])
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 5 {
		t.Errorf("ids of deliveries are %q, want all different", ids)
	}
}
