package limit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/limit"
	"github.com/irmad/irmaserver/irma"
)

// stage is a limiter before a handler that starts sessions of the requestor that
// the header Authorization names.
type stage struct {
	t       *testing.T
	limiter *limit.Limiter
	handler http.Handler
	now     time.Time
	refused []string
	started int
	fails   bool // the handler does not start sessions
}

func newStage(t *testing.T, cfg limit.Config) *stage {
	t.Helper()
	s := &stage{t: t, now: time.Unix(1e9, 0)}
	cfg.Prefix, cfg.Lifetime = "/", time.Hour
	cfg.Now = func() time.Time { return s.now }
	cfg.Refused = func(name string) { s.refused = append(s.refused, name) }
	s.limiter = limit.New(cfg)
	auth := s.limiter.Authenticator(nameGiver{})
	s.handler = s.limiter.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := ""
		if r.URL.Path == "/session" && r.Method == http.MethodPost {
			var err error
			if name, _, err = auth.Authenticate(r, nil); err != nil {
				w.WriteHeader(irma.AsError(err).Status)
				return
			}
		}
		if r.Method != http.MethodPost || s.fails {
			return
		}
		s.started++
		s.limiter.Session(r.Context(), irmaserver.SessionEvent{Session: fmt.Sprint(s.started), Requestor: name, Status: irma.StatusInitialized})
	}))
	return s
}

type nameGiver struct{}

func (nameGiver) Authenticate(r *http.Request, _ []byte) (string, *irma.ExtendedRequest, error) {
	return r.Header.Get("Authorization"), nil, nil
}

func (s *stage) end(session string) {
	s.limiter.Session(context.Background(), irmaserver.SessionEvent{Session: session, Before: irma.StatusInitialized, Status: irma.StatusConnected})
	s.limiter.Session(context.Background(), irmaserver.SessionEvent{Session: session, Before: irma.StatusConnected, Status: irma.StatusDone})
}

func (s *stage) post(path, requestor, address string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, nil)
	r.RemoteAddr = address
	r.Header.Set("Authorization", requestor)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

// expect starts sessions and compares the statuses.
func (s *stage) expect(path, requestor, address string, statuses ...int) {
	s.t.Helper()
	var got []int
	for range statuses {
		resp := s.post(path, requestor, address)
		if (resp.StatusCode == 429) != (resp.Header.Get("Retry-After") != "") {
			s.t.Errorf("status %d with Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		got = append(got, resp.StatusCode)
	}
	if diff := cmp.Diff(statuses, got); diff != "" {
		s.t.Errorf("POST %s by %q from %s (-want +got):\n%s", path, requestor, address, diff)
	}
}

const (
	alice  = "192.0.2.1:1"
	bob    = "192.0.2.2:1"
	static = "/irma/session/login"
)

func TestNoLimits(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{})
	for range 1000 {
		s.expect("/session", "app", alice, 200)
		s.expect(static, "", alice, 200)
	}
}

func TestRequestorRate(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{RequestorRate: 2})
	s.expect("/session", "app", alice, 200, 200, 429)
	s.expect("/session", "app", bob, 429)
	s.expect("/session", "other", alice, 200)
	s.expect(static, "", alice, 200)
	s.now = s.now.Add(30 * time.Second)
	s.expect("/session", "app", alice, 200, 429)
	if diff := cmp.Diff([]string{limit.RequestorRate, limit.RequestorRate, limit.RequestorRate}, s.refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestAddressRate(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{AddressRate: 2})
	s.expect("/session", "app", alice, 200, 200, 429)
	s.expect("/session", "other", alice, 429)
	s.expect(static, "", alice, 429)
	s.expect("/session", "app", bob, 200)
	s.expect("/session", "app", "[2001:db8::1]:1", 200)
	s.expect("/session", "app", "[2001:db8::ffff]:1", 200, 429)
	s.expect("/session", "app", "[2001:db8:0:1::1]:1", 200)
}

func TestStaticRate(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{StaticRate: 1})
	s.expect(static, "", alice, 200, 429)
	s.expect(static, "", bob, 200)
	s.expect("/session", "app", alice, 200, 200)
	if wait := s.post(static, "", alice).Header.Get("Retry-After"); wait != "60" {
		t.Errorf("Retry-After %q, want 60", wait)
	}
}

func TestRequestorSessions(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{RequestorSessions: 2})
	s.expect("/session", "app", alice, 200, 200, 429)
	s.expect("/session", "other", alice, 200)
	s.expect(static, "", alice, 200, 200, 200)
	s.end("1")
	s.end("1")
	s.expect("/session", "app", alice, 200, 429)
}

// TestUncounted is about sessions that no limit is for, of which nothing is
// remembered. Allocations can only be counted while no other test runs.
func TestUncounted(t *testing.T) {
	for name, cfg := range map[string]limit.Config{
		"no limits":     {},
		"rates only":    {RequestorRate: 1 << 20, AddressRate: 1 << 20, StaticRate: 1 << 20},
		"for strangers": {AnonymousSessions: 1},
	} {
		s := newStage(t, cfg)
		ctx := t.Context()
		allocated := testing.AllocsPerRun(100, func() {
			s.limiter.Session(ctx, irmaserver.SessionEvent{Session: "1", Requestor: "app", Status: irma.StatusInitialized})
		})
		if allocated != 0 {
			t.Errorf("%s: a start allocates %v times", name, allocated)
		}
	}
}

func TestAnonymousSessions(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{AnonymousSessions: 2, RequestorRate: 1})
	s.expect("/session", "", alice, 200)
	s.expect(static, "", bob, 200, 429)
	s.expect("/session", "", alice, 429)
	s.end("2")
	s.expect("/session", "", alice, 200, 429)
}

func TestAddressSessions(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{AddressSessions: 2})
	s.expect("/session", "app", alice, 200)
	s.expect("/session", "other", alice, 200, 429)
	s.expect(static, "", alice, 429)
	s.expect("/session", "app", bob, 200)
	s.end("1")
	s.expect(static, "", alice, 200, 429)
}

// Sessions whose end was not heard do not count for ever.
func TestUnheardEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{RequestorSessions: 1})
	s.expect("/session", "app", alice, 200, 429)
	s.now = s.now.Add(time.Hour)
	s.expect("/session", "app", alice, 200, 429)
	s.end("1")
	s.expect("/session", "app", alice, 429)
}

// Requests that start no session do not count as one.
func TestRequestsThatFail(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{RequestorSessions: 1, AddressSessions: 1})
	s.fails = true
	s.expect("/session", "app", alice, 200, 200)
	s.fails = false
	s.expect("/session", "app", alice, 200, 429)
}

// Requests at the same time are not more than allowed either.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	l := limit.New(limit.Config{
		AnonymousSessions: 10, Prefix: "/", Lifetime: time.Hour,
		Now: time.Now, Refused: func(string) {},
	})
	all := make(chan struct{}) // closed when every request has been admitted or refused
	h := l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-all }))
	var decided sync.WaitGroup
	var mu sync.Mutex // guards refused
	refused := 0
	var waiting sync.WaitGroup
	decided.Add(90) // only refusals end before all is closed
	for range 100 {
		waiting.Go(func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, static, nil))
			if w.Code == 429 {
				mu.Lock()
				refused++
				mu.Unlock()
				decided.Done()
			}
		})
	}
	decided.Wait()
	close(all)
	waiting.Wait()
	if refused != 90 {
		t.Errorf("%d refused, want 90", refused)
	}
}

func TestOtherRequestsPass(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{AddressRate: 1})
	s.expect("/session", "app", alice, 200, 429)
	for _, path := range []string{"/session/0123456789abcdefghij/result", "/irma/session/0123456789abcdefghij/proofs", "/health"} {
		s.expect(path, "", alice, 200)
	}
	r := httptest.NewRequest(http.MethodGet, "/session", nil)
	r.RemoteAddr = alice
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	s := newStage(t, limit.Config{StaticRate: 1})
	s.expect(static, "", alice, 200)
	r := httptest.NewRequest(http.MethodPost, static, strings.NewReader(""))
	r.RemoteAddr = alice
	r.Header.Set("Origin", "https://example.com")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	resp := w.Result()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var got irma.Error
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	if got.Status != 429 || got.Name != irma.ErrTooManyRequests.Name {
		t.Errorf("got %+v", got)
	}
	if origin := resp.Header.Get("Access-Control-Allow-Origin"); origin != "*" {
		t.Errorf("pages may not read the refusal: allowed origin %q", origin)
	}
}

// What comes to the authenticator another way than through Wrap is refused, by
// an error that is ours to mend.
func TestPastWrap(t *testing.T) {
	t.Parallel()
	auth := limit.New(limit.Config{Prefix: "/", Now: time.Now}).Authenticator(nameGiver{})
	r := httptest.NewRequest(http.MethodPost, "/session", nil)
	r.Header.Set("Authorization", "app")
	name, request, err := auth.Authenticate(r, nil)
	if name != "" || request != nil || err == nil || irma.AsError(err) != nil {
		t.Errorf("got %q, %v, %v", name, request, err)
	}
}
