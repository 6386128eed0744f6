package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/examples/internal/visit"
)

// as logs a browser in, as browsers do after they have asked.
type as struct{ name, password string }

func (a as) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(a.name, a.password)
	return http.DefaultTransport.RoundTrip(r)
}

func TestIssue(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", newHandler)
	v.Browser.Transport = as{"johanna", "secret"}
	visit.Expect(t, v.Get(t, "/"), "Hello Johanna")
	v.Decline(t, v.Post(t, "/", nil))
	visit.Expect(t, v.Get(t, "/"), "did not work")
	v.Scan(t, v.Post(t, "/", url.Values{"firstName": {"Somebody else"}}))
	visit.Expect(t, v.Get(t, "/"), "you have your card")

	cards := v.Wallet.Credentials()
	if len(cards) != 1 || *cards[0].Attributes["firstName"] != "Johanna" || *cards[0].Attributes["birthDate"] != "01-01-1990" {
		t.Errorf("the wallet holds %+v", cards)
	}
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	v := visit.New(t, "/irma/", newHandler)
	for _, who := range []as{{}, {"johanna", ""}, {"johanna", "Secret"}, {"nobody", ""}} {
		v.Browser.Transport = who
		resp, err := v.Browser.Post(v.URL, "application/x-www-form-urlencoded", strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%q: %s", who.name, resp.Status)
		}
	}
}
