package irmaserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// TestMount runs sessions with the handler under all kinds of prefixes, with
// and without http.StripPrefix.
func TestMount(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, pattern, strip, url string }{
		{"root", "/", "", "/"},
		{"irma", "/irma/", "", "/irma/"},
		{"irma stripped", "/irma/", "/irma", "/irma/"},
		{"deep", "/api/v1/wallets/", "", "/api/v1/wallets/"},
		{"deep stripped", "/api/v1/wallets/", "/api/v1/wallets", "/api/v1/wallets"},
		{"session in the prefix", "/session/irma/", "", "/session/irma/"},
		{"session in the prefix, stripped", "/session/irma/", "/session/irma", "/session/irma/"},
		{"partly stripped", "/a/b/", "/a", "/a/b/"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mux := http.NewServeMux()
			front := httptest.NewServer(mux)
			defer front.Close()
			s, err := irmaserver.New(irmaserver.Config{Schemes: demoSchemes(t), URL: front.URL + test.url, PrimePool: -1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			mux.Handle(test.pattern, http.StripPrefix(test.strip, s.Handler()))

			w, err := wallet.New(demoSchemes(t), wallet.Config{})
			if err != nil {
				t.Fatal(err)
			}
			session, err := s.StartSession(t.Context(), irma.NewIssuanceRequest(ageLimits))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
				t.Fatal(err)
			}
			result, err := s.WaitResult(t.Context(), session.Token)
			if err != nil || result.Status != irma.StatusDone {
				t.Errorf("got %+v, %v", result, err)
			}
		})
	}
}

// TestMountRequestor asks the endpoints for requestors under prefixes, also those with
// a part that is called like an endpoint.
func TestMountRequestor(t *testing.T) {
	t.Parallel()
	s, err := irmaserver.New(irmaserver.Config{Schemes: demoSchemes(t), PrimePool: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	handler := s.RequestorHandler()
	const request = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`
	for _, prefix := range []string{"/", "/api/v1/", "/session/", "/a/session/b/", "/publickey/"} {
		for _, path := range []string{"session", "session/"} {
			r := httptest.NewRequest(http.MethodPost, prefix+path, strings.NewReader(request))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
				t.Errorf("POST %s: %d %s", prefix+path, w.Code, w.Body)
			}
		}
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, prefix+"publickey", nil)); w.Code != irma.ErrUnsupported.Status {
			t.Errorf("GET %s: %d %s", prefix+"publickey", w.Code, w.Body)
		}
	}
}
