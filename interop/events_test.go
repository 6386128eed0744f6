package interop_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// watched stands between a wallet and irmad and notes what the wallet asks.
type watched struct {
	server *httptest.Server
	mu     sync.Mutex // guards asked
	asked  []string
}

// watch makes the wallet's way to the session one that is watched.
func watch(t *testing.T, s *requestorSession) *watched {
	t.Helper()
	target, err := url.Parse(s.server.url)
	if err != nil {
		t.Fatal(err)
	}
	v := new(watched)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	v.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.note(r)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(v.server.Close)
	s.Pointer.URL = strings.Replace(s.Pointer.URL, s.server.url, v.server.URL, 1)
	return v
}

// note remembers the method and what comes after the session's URL.
func (v *watched) note(r *http.Request) {
	what := path.Base(r.URL.Path)
	if strings.HasSuffix(r.URL.Path, "/") {
		what = "/"
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, r.Method+" "+what)
}

func (v *watched) requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.asked)
}

// A wallet that shows a pairing code waits for an event instead of asking again
// and again.
func TestPairingByEvent(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	page := *s
	v := watch(t, s)
	pairThrough(t, w, s, &page)
	want := []string{"GET /", "GET statusevents", "GET request", "POST proofs"}
	if diff := cmp.Diff(want, v.requests()); diff != "" {
		t.Errorf("requests of the wallet (-want +got):\n%s", diff)
	}
}

// Without events it has to ask.
func TestPairingByPolling(t *testing.T) {
	t.Parallel()
	p := anotherServer(t, stamper.url(), "--sse=false")
	w := p.newCitizen(t)
	s := p.startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	page := *s
	v := watch(t, s)
	pairThrough(t, w, s, &page)
	got := slices.Compact(v.requests())
	want := []string{"GET /", "GET statusevents", "GET status", "GET request", "POST proofs"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests of the wallet (-want +got):\n%s", diff)
	}
}

// pairThrough does a session with pairing in which the wallet takes another way
// than the page.
func pairThrough(t *testing.T, w *wallet, s, page *requestorSession) {
	t.Helper()
	page.frontend(t, "options", enablePairing, nil)
	c := w.scan(s)
	c.pairingCode()
	page.frontend(t, "pairingcompleted", "", nil)
	c.agree(c.question())
	c.mustEnd(succeeded)
}
