package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/irmad/irmaserver/examples/internal/visit"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", newHandler)
	v.Obtain(t, "root", "bsn=999999990")
	v.Scan(t, v.Post(t, "/login", nil))
	site, err := url.Parse(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	before := v.Browser.Jar.Cookies(site)[0]
	visit.Expect(t, v.Get(t, "/"), "Hello citizen 999999990")
	visit.Expect(t, v.Get(t, "/"), "Hello citizen 999999990")

	user := v.Browser.Jar.Cookies(site)[0]
	if user.Value == before.Value {
		t.Error("the cookie was known before the login")
	}
	visit.Expect(t, v.Post(t, "/logout", nil), "Log in")
	for _, old := range []*http.Cookie{before, user} {
		v.Browser.Jar.SetCookies(site, []*http.Cookie{old})
		visit.Expect(t, v.Get(t, "/"), "Log in")
	}
}

// Who declines is not logged in, and may try again.
func TestDecline(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", newHandler)
	v.Decline(t, v.Post(t, "/login", nil))
	visit.Expect(t, v.Get(t, "/"), "Log in")
	visit.Expect(t, v.Post(t, "/login", nil), "Open the app")
}

// Other websites cannot log visitors in or out.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", newHandler)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.URL+"/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Origin", "https://evil.example")
	resp, err := v.Browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status %s", resp.Status)
	}
}
