package interop_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

func TestUserRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request string
		action  irma.Action
	}{
		"disclosure": {disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`), irma.ActionDisclosing},
		"issuance":   {issueCitizen, irma.ActionIssuing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCitizen(t)
			s := startSession(t, test.request)
			c := w.scan(s)
			c.refuse(c.question())
			c.mustEnd(cancelled)
			checkCancelled(t, s, test.action)
			if diff := cmp.Diff(citizen(), w.credentials()); diff != "" {
				t.Errorf("attributes in the wallet (-want +got):\n%s", diff)
			}
		})
	}
}

// A wallet asks its user even if it lacks the attributes, who can only refuse.
func TestUserLacksAttributes(t *testing.T) {
	t.Parallel()
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`))
	c := newWallet(t).scan(s)
	q := c.question()
	if q.satisfiable {
		t.Error("an empty wallet says that it can satisfy the request")
	}
	c.refuse(q)
	c.mustEnd(cancelled)
	checkCancelled(t, s, irma.ActionDisclosing)
}

func TestRequestorCancels(t *testing.T) {
	t.Parallel()
	request := disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`)

	t.Run("before the wallet connects", func(t *testing.T) {
		t.Parallel()
		w := newCitizen(t)
		s := startSession(t, request)
		s.cancel(t)
		w.scan(s).mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")
		checkCancelled(t, s, irma.ActionDisclosing)
	})

	t.Run("while the user is asked", func(t *testing.T) {
		t.Parallel()
		w := newCitizen(t)
		s := startSession(t, request)
		c := w.scan(s)
		q := c.question()
		s.cancel(t)
		c.agree(q)
		c.mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")
		checkCancelled(t, s, irma.ActionDisclosing)
	})

	t.Run("after the end", func(t *testing.T) {
		t.Parallel()
		w := newCitizen(t)
		s := startSession(t, request)
		w.perform(s)
		want := s.result(t)
		s.cancel(t)
		if diff := cmp.Diff(want, s.result(t)); diff != "" {
			t.Errorf("result (-before +after):\n%s", diff)
		}
	})
}

// checkCancelled checks that the requestor learns of the cancellation and of
// nothing else.
func checkCancelled(t *testing.T, s *requestorSession, action irma.Action) {
	t.Helper()
	want := sessionResult{Token: s.Token, Status: irma.ServerStatusCancelled, Type: action}
	if diff := cmp.Diff(want, s.finished(t)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}
