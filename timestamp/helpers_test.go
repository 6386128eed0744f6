package timestamp_test

import (
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/timestamp"
)

var (
	now     = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	expires = now.AddDate(0, 1, 0)
)

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func verifier() *timestamp.Verifier { return timestamp.NewVerifier(timestamp.Config{Now: at(now)}) }

func wantError(tb testing.TB, err error, text string) {
	tb.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		tb.Errorf("error %v, want one with %q", err, text)
	}
}

// static serves the same answer to everything.
func static(tb testing.TB, status int, body string) string {
	tb.Helper()
	return handler(tb, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func handler(tb testing.TB, f http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(f)
	tb.Cleanup(server.Close)
	return server.URL
}

// inProcess answers requests by calling a handler, for tests with virtual time,
// in which there is no network.
type inProcess func(http.ResponseWriter, *http.Request)

func (f inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (f inProcess) client() *http.Client { return &http.Client{Transport: f} }

func virtual(f inProcess) *timestamp.Verifier {
	return timestamp.NewVerifier(timestamp.Config{HTTPClient: f.client()})
}

const virtualURL = "https://atum.example/atumd/"

// stamped is a server with a timestamp made by it.
func stamped(tb testing.TB) (*atumtest.Server, *irma.AtumTimestamp) {
	tb.Helper()
	server := atumtest.NewServer(tb, expires, at(now))
	return server, server.Stamp(now, digest("value"))
}
