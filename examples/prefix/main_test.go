package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/irmad/irmaserver/examples/internal/visit"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
)

// A requestor elsewhere starts a session, and the wallet finds it below the prefix.
func TestPrefix(t *testing.T) {
	t.Parallel()
	v := visit.New(t, prefix, newPublic)
	v.Obtain(t, "root", "bsn=999999990")
	private := httptest.NewServer(newPrivate(v.Server))
	defer private.Close()
	client := &requestor.Client{URL: private.URL + "/v1/"}

	session, err := client.StartSession(t.Context(), irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Wallet.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	result, err := client.WaitResult(t.Context(), session.Token)
	if err != nil || result.ProofStatus != irma.ProofValid {
		t.Errorf("result %+v, %v", result, err)
	}
	visit.Expect(t, v.Get(t, "/apps/desk/"), "the desk")
}

// Starting sessions is not for the public.
func TestPublic(t *testing.T) {
	t.Parallel()
	v := visit.New(t, prefix, newPublic)
	for _, path := range []string{"/session", prefix + "session", "/v1/session"} {
		resp, err := v.Browser.Post(v.URL+path, "application/json", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("POST %s: %s", path, resp.Status)
		}
	}
}
