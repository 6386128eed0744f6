package irmaserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// posted is a POST that a receiver got.
type posted struct {
	at     time.Time
	host   string
	uri    string
	header http.Header
	body   string
}

// result decodes the body, which must be a JSON result.
func (p posted) result(t testing.TB) *irma.SessionResult {
	t.Helper()
	out := new(irma.SessionResult)
	if err := json.Unmarshal([]byte(p.body), out); err != nil {
		t.Fatalf("posted body %q: %v", p.body, err)
	}
	return out
}

// receiver is the server of a requestor: it keeps what is posted to it and
// answers with respond, or 204 if that is nil.
type receiver struct {
	respond func(w http.ResponseWriter, r *http.Request, nth int)

	mu    sync.Mutex
	posts []posted
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	r.posts = append(r.posts, posted{time.Now(), request.Host, request.URL.RequestURI(), request.Header.Clone(), string(body)})
	nth := len(r.posts)
	r.mu.Unlock()
	if r.respond != nil {
		r.respond(w, request, nth)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) got() []posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]posted(nil), r.posts...)
}

// listen makes the receiver reachable and returns its URL, without slash.
func (r *receiver) listen(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server.URL
}

// respond answers with a status and a body.
func respond(status int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// hang leaves a request without answer until the client gives up.
func hang(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }

// network carries requests to handlers by host name, without sockets, so that
// it works in virtual time. Other hosts do not exist.
type network map[string]http.Handler

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	handler, found := n[r.URL.Host]
	if !found {
		return nil, fmt.Errorf("lookup %s: no such host", r.URL.Host)
	}
	inside := r.Clone(r.Context())
	if inside.Host == "" {
		inside.Host = r.URL.Host
	}
	if inside.Body == nil {
		inside.Body = http.NoBody
	}
	inside.RequestURI = r.URL.RequestURI()
	done := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, inside)
		done <- w.Result()
	}()
	select {
	case response := <-done:
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (n network) client() *http.Client { return &http.Client{Transport: n} }

// world is a server in virtual time with a network that it and its wallets use;
// the server is at "irma" there.
type world struct {
	*irmaserver.Server
	network network
	cfg     irmaserver.Config
}

// inWorld runs a test in virtual time. The server accepts unsigned callbacks;
// change can alter its configuration further.
func inWorld(t *testing.T, n network, change func(*irmaserver.Config), test func(t *testing.T, w *world)) {
	t.Helper()
	schemes := demoSchemes(t)
	synctest.Test(t, func(t *testing.T) {
		cfg := irmaserver.Config{Schemes: schemes, URL: "http://irma/irma/", AllowUnsignedCallbacks: true, HTTPClient: n.client(), PrimePool: -1}
		if change != nil {
			change(&cfg)
		}
		s, err := irmaserver.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		n["irma"] = s.Handler()
		defer func() {
			if err := s.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		test(t, &world{Server: s, network: n, cfg: cfg})
	})
}

// disclosing asks for one attribute, and posts the result to a URL.
func disclosing(callbackURL string) *irma.ExtendedRequest {
	return &irma.ExtendedRequest{CallbackURL: callbackURL, Request: irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")}
}

func (w *world) begin(t testing.TB, request irma.Request) *irma.SessionPackage {
	t.Helper()
	session, err := w.StartSession(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// post sends a wallet's message to a connected session.
func (w *world) post(t testing.TB, url, path, body string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "wallet")
	response, err := w.network.client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(data)}
}

// noProofs is a wallet's answer that proves nothing, which ends a disclosure
// session as DONE without costing computation.
const noProofs = `{"proofs":[],"indices":[]}`

// finish connects a wallet and lets it answer with noProofs.
func (w *world) finish(t testing.TB, session *irma.SessionPackage) reply {
	t.Helper()
	w.connect(t, session)
	return w.post(t, session.SessionPtr.URL, "/proofs", noProofs)
}

func (w *world) connect(t testing.TB, session *irma.SessionPackage) {
	t.Helper()
	r := httptest.NewRequest("GET", session.SessionPtr.URL+"/", http.NoBody)
	headers := walletHeaders("wallet")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	w.Handler().ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		t.Fatalf("connecting: %d %s", recorder.Code, recorder.Body)
	}
}

// cancel ends a session as its requestor would.
func (w *world) cancel(t testing.TB, session *irma.SessionPackage) {
	t.Helper()
	if err := w.CancelSession(t.Context(), session.Token); err != nil {
		t.Fatal(err)
	}
}
