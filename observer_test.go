package irmaserver_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// witness is an Observer that remembers.
type witness struct {
	mu       sync.Mutex
	sessions []irmaserver.SessionEvent
	crypto   []irmaserver.CryptoEvent

	callbacks []irmaserver.CallbackEvent
}

func (w *witness) Session(_ context.Context, event irmaserver.SessionEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sessions = append(w.sessions, event)
}

func (w *witness) Crypto(event irmaserver.CryptoEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crypto = append(w.crypto, event)
}

func (w *witness) Callback(event irmaserver.CallbackEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callbacks = append(w.callbacks, event)
}

func TestObserver(t *testing.T) {
	t.Parallel()
	seen := new(witness)
	s := newSite(t, func(c *irmaserver.Config) { c.Observer = seen })
	w := s.NewWallet(t, wallet.Config{})
	session, err := s.Irma.StartSessionFor(t.Context(), "myapp", irma.NewIssuanceRequest(ageLimits))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	failing := s.start(issueRoot)
	s.connect(failing)
	s.do("POST", failing.SessionPtr.URL+"/commitments", `{"n_2":1,"combinedProofs":[]}`, walletHeaders("wallet")...)

	const i, c = irma.StatusInitialized, irma.StatusConnected
	want := []irmaserver.SessionEvent{
		{Action: irma.Issuing, Requestor: "myapp", Status: i, Longest: 30 * time.Minute},
		{Action: irma.Issuing, Requestor: "myapp", Before: i, Status: c},
		{Action: irma.Issuing, Requestor: "myapp", Before: c, Status: irma.StatusDone, ProofStatus: irma.ProofValid},
		{Action: irma.Issuing, Status: i, Longest: 30 * time.Minute},
		{Action: irma.Issuing, Before: i, Status: c},
		{Action: irma.Issuing, Before: c, Status: irma.StatusCancelled, Error: irma.ErrMalformedInput.Name},
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if diff := cmp.Diff(want, seen.sessions, cmpopts.IgnoreFields(irmaserver.SessionEvent{}, "Session", "Phase")); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	names := map[string]int{}
	for _, event := range seen.sessions {
		names[event.Session]++
	}
	if len(names) != 2 || names[seen.sessions[0].Session] != 3 {
		t.Errorf("sessions are called %v; want two names, three times each", names)
	}
	if len(seen.crypto) != 2 || seen.crypto[0].Took <= 0 || seen.crypto[0].Kind != irma.Issuing {
		t.Errorf("computations: %+v", seen.crypto)
	}
}
