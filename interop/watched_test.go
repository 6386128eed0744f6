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
)

// watched stands between a wallet and irmad and notes what the wallet asks.
type watched struct {
	server *httptest.Server
	lose   string     // request whose first answer does not reach the wallet
	mu     sync.Mutex // guards asked
	asked  []string
}

// watch makes the wallet's way to the session one that is watched, and on which
// one answer is lost unless lose is empty.
func watch(t *testing.T, s *requestorSession, lose string) *watched {
	t.Helper()
	target, err := url.Parse(s.server.url)
	if err != nil {
		t.Fatal(err)
	}
	v := &watched{lose: lose}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	v.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.note(r) {
			forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(v.server.Close)
	s.Pointer.URL = strings.Replace(s.Pointer.URL, s.server.url, v.server.URL, 1)
	return v
}

// note remembers the method and what comes after the session's URL. It reports
// whether the answer is to be lost.
func (v *watched) note(r *http.Request) (lose bool) {
	what := path.Base(r.URL.Path)
	if strings.HasSuffix(r.URL.Path, "/") {
		what = "/"
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	asked := r.Method + " " + what
	first := !slices.Contains(v.asked, asked)
	v.asked = append(v.asked, asked)
	return first && asked == v.lose
}

func (v *watched) requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.asked)
}
