package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

// TestAdminHost asks the admin port under names that lead to this machine.
func TestAdminHost(t *testing.T) {
	t.Parallel()
	server := launch(t)
	for host, want := range map[string]int{
		"":                       http.StatusOK, // the one of the URL
		"localhost":              http.StatusOK,
		"LOCALHOST:9090":         http.StatusOK,
		"metrics.localhost:80":   http.StatusOK,
		"[::1]:9090":             http.StatusOK,
		"127.1.2.3":              http.StatusOK,
		"evil.example":           http.StatusMisdirectedRequest,
		"evil.example:9090":      http.StatusMisdirectedRequest,
		"127.0.0.1.evil.example": http.StatusMisdirectedRequest,
		"localhost.evil.example": http.StatusMisdirectedRequest,
		"evillocalhost":          http.StatusMisdirectedRequest,
		"192.0.2.1":              http.StatusMisdirectedRequest,
	} {
		for _, path := range []string{"/metrics", "/ready", "/health"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.admin+path, nil)
			must(t, err)
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			must(t, err)
			body, err := io.ReadAll(resp.Body)
			must(t, err)
			must(t, resp.Body.Close())
			if resp.StatusCode != want {
				t.Errorf("%s for host %q: %s, want %d", path, host, resp.Status, want)
			}
			var refusal irma.Error
			if want != http.StatusOK && (json.Unmarshal(body, &refusal) != nil || refusal.Name != "INVALID_REQUEST" || !strings.Contains(refusal.Message, "answers only to localhost")) {
				t.Errorf("%s for host %q: %s", path, host, body)
			}
		}
	}
}

// TestAdminName gives the admin port a name of its own.
func TestAdminName(t *testing.T) {
	t.Parallel()
	h := onlyLocal(http.HandlerFunc(health), "Box")
	for host, want := range map[string]int{"box": 200, "box:9090": 200, "": 200, "boxes": 421} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/health", nil)
		r.Host = host
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("host %q: %d, want %d", host, w.Code, want)
		}
	}
}
