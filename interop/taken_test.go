package interop_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// A session belongs to the wallet that connects first.

func TestSecondWalletDuringSession(t *testing.T) {
	t.Parallel()
	first, second := newCitizen(t), newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`))
	c := first.scan(s)
	q := c.question()

	second.scan(s).mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")

	// A wallet tells the server of every failure, and that ends the session
	// for the first wallet as well.
	checkCancelled(t, s, irma.ActionDisclosing)
	c.agree(q)
	c.mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")
	checkCancelled(t, s, irma.ActionDisclosing)
}

func TestSecondWalletAfterSession(t *testing.T) {
	t.Parallel()
	first, second := newCitizen(t), newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`))
	first.perform(s)
	want := s.result(t)

	second.scan(s).mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")
	if diff := cmp.Diff(want, s.result(t)); diff != "" {
		t.Errorf("result (-before +after):\n%s", diff)
	}
}
