package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
	"github.com/irmad/irmaserver/scheme/demo"
)

// fleet is several irmads behind one address. Each request goes to the next one
// of them. When one dies with a request, its client's connection breaks, as with
// a load balancer that repeats nothing.
type fleet struct {
	t      *testing.T
	proxy  *httptest.Server
	client *requestor.Client
	args   []string
	unseen http.RoundTripper

	// answered is called with every answer, and who gave it, before that is passed
	// on; nil for nobody.
	answered atomic.Pointer[func(r *http.Request, by *child)]

	mu      sync.Mutex // guards what follows
	live    []*child
	turn    int
	all     []*child
	answers map[string]map[[sha256.Size]byte]bool // to wallets' commitments, by path
}

// newFleet starts n irmads with these arguments.
func newFleet(t *testing.T, n int, args ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, answers: map[string]map[[sha256.Size]byte]bool{}, unseen: &http.Transport{MaxIdleConnsPerHost: 100}}
	f.proxy = httptest.NewServer(f)
	t.Cleanup(f.proxy.Close)
	f.client = &requestor.Client{URL: f.proxy.URL + "/", HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}}
	f.args = append([]string{"-u", f.proxy.URL, "--allow-unsigned-callbacks", "--schemes-update", "0"}, args...)
	for range n {
		f.add()
	}
	return f
}

// withRedis are the arguments for sessions in this Redis.
func withRedis(server *redistest.Server, args ...string) []string {
	return append([]string{"--store-type", "redis", "--redis-addr", server.Addr, "--redis-allow-empty-password", "--redis-no-tls"}, args...)
}

// add starts another irmad.
func (f *fleet) add() *child {
	f.t.Helper()
	c := launch(f.t, f.args...)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live, f.all = append(f.live, c), append(f.all, c)
	return c
}

// ServeHTTP implements http.Handler.
func (f *fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := f.next()
	if c == nil {
		panic(http.ErrAbortHandler)
	}
	to, err := url.Parse(c.url)
	if err != nil {
		panic(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(p *httputil.ProxyRequest) { p.SetURL(to) },
		Transport:      f.unseen,
		ModifyResponse: f.note,
		ErrorLog:       log.New(io.Discard, "", 0),
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	proxy.ServeHTTP(w, r)
	if answered := f.answered.Load(); answered != nil {
		(*answered)(r, c)
	}
}

// note remembers what wallets were answered who asked for credentials.
func (f *fleet) note(r *http.Response) error {
	if !strings.HasSuffix(r.Request.URL.Path, "/commitments") || r.StatusCode != http.StatusOK {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	answers := f.answers[r.Request.URL.Path]
	if answers == nil {
		answers = map[[sha256.Size]byte]bool{}
		f.answers[r.Request.URL.Path] = answers
	}
	answers[sha256.Sum256(body)] = true
	return nil
}

// issuedTwice returns how many sessions gave a credential, and how many gave more
// than one.
func (f *fleet) issuedTwice() (once, more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, answers := range f.answers {
		if len(answers) > 1 {
			more++
		}
	}
	return len(f.answers), more
}

// next returns whose turn it is, nil if nobody is there.
func (f *fleet) next() *child {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.live) == 0 {
		return nil
	}
	f.turn++
	return f.live[f.turn%len(f.live)]
}

// leave sends an irmad no more requests, and reports whether it was sent any before.
func (f *fleet) leave(c *child) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.live)
	f.live = slices.DeleteFunc(slices.Clone(f.live), func(other *child) bool { return other == c })
	return len(f.live) < before
}

// kill ends an irmad at once, if it is still there.
func (f *fleet) kill(c *child) {
	if f.leave(c) {
		_ = c.cmd.Process.Signal(syscall.SIGKILL) // nothing else ends it
		_ = c.cmd.Wait()                          // it was killed
	}
}

// phone returns a wallet of its own, with its connections.
func phone(t testing.TB, cfg wallet.Config) *wallet.Wallet {
	t.Helper()
	schemes, err := demo.Set()
	must(t, err)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = client
	}
	w, err := wallet.New(schemes, cfg)
	must(t, err)
	return w
}

// posted is what a hook was sent about one session: the results by delivery id.
type posted struct {
	status irma.Status
	ids    []string // of all posts, in order
}

// resultHook takes results of sessions.
type resultHook struct {
	*httptest.Server
	mu       sync.Mutex // guards what follows
	sessions map[irma.RequestorToken]*posted
	mixed    []irma.RequestorToken // told to have ended in two ways
}

func newResultHook(t *testing.T) *resultHook {
	t.Helper()
	h := &resultHook{sessions: map[irma.RequestorToken]*posted{}}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

// ServeHTTP implements http.Handler.
func (h *resultHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var result irma.SessionResult
	if err := json.NewDecoder(r.Body).Decode(&result); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.sessions[result.Token]
	if p == nil {
		p = &posted{status: result.Status}
		h.sessions[result.Token] = p
	}
	if p.status != result.Status {
		h.mixed = append(h.mixed, result.Token)
	}
	p.ids = append(p.ids, r.Header.Get("Idempotency-Key"))
}

// count returns of how many sessions the result was posted.
func (h *resultHook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions)
}

// await waits until a session's result has been posted.
func (h *resultHook) await(t *testing.T, token irma.RequestorToken, patience time.Duration) posted {
	t.Helper()
	var out posted
	eventually(t, patience, "the result is posted", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		p := h.sessions[token]
		if p != nil {
			out = *p
		}
		return p != nil
	})
	return out
}

// eventually waits until something is so.
func eventually(t *testing.T, patience time.Duration, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waiting until %s: it did not happen in %v", what, patience)
		}
	}
}

// age is a credential to issue.
func age() *irma.ExtendedRequest {
	return irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: demoCredential,
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}).Extended()
}

// adult asks for an attribute of that credential.
func adult() *irma.ExtendedRequest {
	return irma.NewDisclosureRequest(irma.AttributeTypeID(demoCredential + ".over18")).Extended()
}
