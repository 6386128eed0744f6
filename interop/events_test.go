package interop_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A wallet that shows a pairing code waits for an event instead of asking again
// and again.
func TestPairingByEvent(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	page := *s
	v := watch(t, s, "")
	pairThrough(t, w, s, &page)
	want := []string{"GET /", "GET statusevents", "GET request", "POST proofs"}
	if diff := cmp.Diff(want, v.requests()); diff != "" {
		t.Errorf("requests of the wallet (-want +got):\n%s", diff)
	}
}

// Without events it has to ask.
func TestPairingByPolling(t *testing.T) {
	t.Parallel()
	p := anotherServer(t, stamper.url(), "--sse=false")
	w := p.newCitizen(t)
	s := p.startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	page := *s
	v := watch(t, s, "")
	pairThrough(t, w, s, &page)
	got := slices.Compact(v.requests())
	want := []string{"GET /", "GET statusevents", "GET status", "GET request", "POST proofs"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests of the wallet (-want +got):\n%s", diff)
	}
}

// pairThrough does a session with pairing in which the wallet takes another way
// than the page.
func pairThrough(t *testing.T, w *wallet, s, page *requestorSession) {
	t.Helper()
	page.frontend(t, "options", enablePairing, nil)
	c := w.scan(s)
	c.pairingCode()
	page.frontend(t, "pairingcompleted", "", nil)
	c.agree(c.question())
	c.mustEnd(succeeded)
}
