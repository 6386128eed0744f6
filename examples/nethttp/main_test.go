package main

import (
	"testing"

	"github.com/irmad/irmaserver/examples/internal/visit"
)

const unseen = "We have not seen"

func newVisit(t *testing.T, over18 string) *visit.Visit {
	t.Helper()
	v := visit.New(t, "/wallets/irma/", newHandler)
	v.Obtain(t, "ageLimits", "over12=yes", "over16=yes", "over18="+over18, "over21=no")
	return v
}

func TestShop(t *testing.T) {
	t.Parallel()
	for over18, want := range map[string]string{"yes": "Welcome!", "no": unseen} {
		t.Run(over18, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t, over18)
			visit.Expect(t, v.Get(t, "/"), unseen)
			v.Scan(t, v.Post(t, "/", nil))
			visit.Expect(t, v.Get(t, "/"), want)
		})
	}
}

// TestRefusal is about a visitor who wants to show nothing.
func TestRefusal(t *testing.T) {
	t.Parallel()
	v := newVisit(t, "yes")
	v.Decline(t, v.Post(t, "/", nil))
	visit.Expect(t, v.Get(t, "/"), unseen)
}
