package irmaserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// TestCORSEverywhere checks that pages of other origins may read the answers of
// every endpoint, good and bad, and that every path answers preflights (spec 04
// §5). What the headers are in which case is tested in package transport.
func TestCORSEverywhere(t *testing.T) {
	t.Parallel()
	const shop = "https://shop.example"
	sites := map[string]*site{
		"*":  newSite(t),
		shop: newSite(t, func(c *irmaserver.Config) { c.AllowedOrigins = []string{shop} }),
		"":   newSite(t, func(c *irmaserver.Config) { c.AllowedOrigins = []string{} }),
	}
	for allowed, s := range sites {
		session := s.start(discloseOver18)
		url, token := session.SessionPtr.URL, string(session.Token)
		frontend := string(session.FrontendRequest.Authorization)
		unknown := "/irma/session/" + strings.Repeat("a", 20)
		endpoints := []struct {
			method, path, authorization string
			status                      int
		}{
			{"POST", "/session", "", http.StatusBadRequest},
			{"GET", "/session/" + token + "/status", "", http.StatusOK},
			{"GET", "/session/" + token + "/statusevents", "", http.StatusOK},
			{"GET", "/session/" + token + "/result", "", http.StatusOK},
			{"GET", url + "/status", "", http.StatusOK},
			{"GET", url + "/statusevents", "", http.StatusOK},
			{"GET", url + "/frontend/status", frontend, http.StatusOK},
			{"GET", url + "/frontend/status", "", http.StatusForbidden},
			{"GET", url + "/frontend/statusevents", frontend, http.StatusOK},
			{"GET", url + "/frontend/statusevents", "", http.StatusOK},
			{"POST", url + "/frontend/options", frontend, http.StatusBadRequest},
			{"POST", url + "/frontend/pairingcompleted", frontend, http.StatusForbidden},
			{"GET", url + "/request", "", http.StatusForbidden},
			{"POST", url + "/proofs", "", http.StatusForbidden},
			{"POST", url + "/commitments", "", http.StatusForbidden},
			{"GET", url, "", http.StatusBadRequest},
			{"GET", url + "/", "", http.StatusBadRequest},
			{"GET", unknown + "/status", "", http.StatusBadRequest},
			{"POST", "/irma/session/name", "", http.StatusBadRequest},
			{"GET", "/irma/session/short/status", "", http.StatusBadRequest},
			{"GET", "/irma/nothing", "", http.StatusNotFound},
			{"POST", url + "/status", "", http.StatusMethodNotAllowed},
			{"DELETE", url + "/", "", http.StatusOK},
			{"DELETE", "/session/" + token, "", http.StatusOK},
		}
		for _, e := range endpoints {
			headers := []string{"Origin", shop}
			if e.authorization != "" {
				headers = append(headers, "Authorization", e.authorization)
			}
			got := s.head(e.method, e.path, headers...)
			if origin := got.Header.Get("Access-Control-Allow-Origin"); got.StatusCode != e.status || origin != allowed {
				t.Errorf("%s %s: %s for %q, want %d for %q", e.method, e.path, got.Status, origin, e.status, allowed)
			}
			if diff := cmp.Diff([]string{"Origin"}, got.Header.Values("Vary")); diff != "" {
				t.Errorf("%s %s: Vary (-want +got):\n%s", e.method, e.path, diff)
			}
			for _, name := range []string{"Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"} {
				if value := got.Header.Get(name); value != "" {
					t.Errorf("%s %s: %s is %q", e.method, e.path, name, value)
				}
			}
			got = s.head("OPTIONS", e.path, append(headers, "Access-Control-Request-Method", e.method, "Access-Control-Request-Headers", "authorization")...)
			if origin := got.Header.Get("Access-Control-Allow-Origin"); got.StatusCode != http.StatusOK || origin != allowed || got.ContentLength != 0 {
				t.Errorf("preflight of %s %s: %s for %q, %d bytes", e.method, e.path, got.Status, origin, got.ContentLength)
			}
		}
		live := s.start(discloseOver18)
		wantError(t, s.do("OPTIONS", live.SessionPtr.URL+"/status", "", "Origin", shop), irma.ErrMethodNotAllowed, "")
		wantError(t, s.do("OPTIONS", "/session", "", "Access-Control-Request-Method", "POST"), irma.ErrMethodNotAllowed, "")
	}
}

// head sends a request and returns the answer's head; streams are not read.
func (s *site) head(method, path string, headers ...string) *http.Response {
	s.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = s.URL + path
	}
	response, err := http.DefaultClient.Do(newRequest(s.t, method, path, headers))
	if err != nil {
		s.t.Fatal(err)
	}
	if response.Header.Get("Content-Type") != "text/event-stream" {
		_, _ = io.Copy(io.Discard, response.Body)
	}
	response.Body.Close()
	return response
}
