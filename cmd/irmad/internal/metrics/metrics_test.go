package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/metrics"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/transport"
)

// scrape returns the figures as Prometheus reads them.
func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func expectLines(t *testing.T, figures string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+figures, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			t.Errorf("no line %s among\n%s", line, strings.Join(regexp.MustCompile("(?m)^"+name+".*").FindAllString(figures, -1), "\n"))
		}
	}
}

// site is a server for sessions behind the metrics.
type site struct {
	url     string
	irma    *irmaserver.Server
	metrics *metrics.Metrics
	schemes *scheme.Set
}

func newSite(t *testing.T, wraps ...func(http.Handler) http.Handler) *site {
	t.Helper()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	m := metrics.New(metrics.Config{Version: "v1.2.3", Prefix: "/"})
	var handler http.Handler
	counted := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	for _, wrap := range wraps {
		counted = wrap(counted)
	}
	web := httptest.NewServer(counted)
	t.Cleanup(web.Close)
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: web.URL + "/irma/", Observer: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	mux := http.NewServeMux()
	mux.Handle("/irma/", server.Handler())
	mux.Handle("/", server.RequestorHandler())
	handler = mux
	m.Watch(server, func() *scheme.Set { return schemes })
	return &site{web.URL, server, m, schemes}
}

func (s *site) issue(t *testing.T, requestor string) {
	t.Helper()
	w, err := wallet.New(s.schemes, wallet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.irma.StartSessionFor(t.Context(), requestor, irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "yes"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.issue(t, "shop")
	if _, err := s.irma.StartSession(t.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")); err != nil {
		t.Fatal(err)
	}
	figures := scrape(t, s.metrics)
	expectLines(t, figures,
		`irmad_sessions_total{proof_status="",requestor="shop",status="INITIALIZED",type="issuing"} 1`,
		`irmad_sessions_total{proof_status="VALID",requestor="shop",status="DONE",type="issuing"} 1`,
		`irmad_sessions_total{proof_status="",requestor="",status="INITIALIZED",type="disclosing"} 1`,
		`irmad_sessions_active{status="INITIALIZED",type="issuing"} 0`,
		`irmad_sessions_active{status="CONNECTED",type="issuing"} 0`,
		`irmad_sessions_active{status="INITIALIZED",type="disclosing"} 1`,
		`irmad_session_phase_seconds_count{phase="INITIALIZED",type="issuing"} 1`,
		`irmad_session_phase_seconds_count{phase="CONNECTED",type="issuing"} 1`,
		`irmad_crypto_seconds_count{type="issuing"} 1`,
		`irmad_crypto_wait_seconds_count{type="issuing"} 1`,
		`irmad_crypto_waiting 0`,
		`irmad_crypto_running 0`,
		`irmad_callbacks_waiting 0`,
		`irmad_callbacks_running 0`,
		`irmad_schemes 1`,
		`irmad_scheme_problems{severity="refused"} 0`,
		`irmad_http_requests_total{method="GET",route="irma/session/{clientToken}",status="200"} 1`,
		`irmad_http_requests_total{method="POST",route="irma/session/{clientToken}/commitments",status="200"} 1`,
		`irmad_http_request_seconds_count{method="GET",route="irma/session/{clientToken}"} 1`,
	)
	for _, pattern := range []string{
		`irmad_build_info{goversion="go[^"]*",version="v1\.2\.3"} 1`,
		`irmad_scheme_timestamp_seconds{scheme="irmad-demo"} 1\.\d+e\+09`,
		`irmad_issuer_key_expiry_timestamp_seconds{counter="\d+",issuer="irmad-demo\.gov"} \d\.\d+e\+09`,
		`go_goroutines \d+`,
	} {
		if !regexp.MustCompile(`(?m)^` + pattern + `$`).MatchString(figures) {
			t.Errorf("nothing matches %s", pattern)
		}
	}
	if found := regexp.MustCompile(`[a-zA-Z0-9]{20}"`).FindString(figures); found != "" {
		t.Errorf("the figures hold a token: %s", found)
	}
}

func TestEventStreams(t *testing.T) {
	t.Parallel()
	t.Run("in the handler", func(t *testing.T) {
		t.Parallel()
		countStream(t, newSite(t))
	})
	t.Run("after the handler", func(t *testing.T) {
		t.Parallel()
		streams := transport.NewStreams()
		countStream(t, newSite(t, streams.Wrap))
		if err := streams.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func countStream(t *testing.T, s *site) {
	t.Helper()
	session, err := s.irma.StartSession(t.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/session/"+string(session.Token)+"/statusevents", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	const route = "session/{requestorToken}/statusevents"
	expectLines(t, scrape(t, s.metrics), `irmad_event_streams{route="`+route+`"} 1`)
	if err := s.irma.CancelSession(t.Context(), session.Token); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	waitFor(t, s.metrics, `irmad_http_requests_total{method="GET",route="`+route+`",status="200"} 1`)
	waitFor(t, s.metrics, `irmad_event_streams{route="`+route+`"} 0`)
	if strings.Contains(scrape(t, s.metrics), `irmad_http_request_seconds_count{method="GET",route="`+route) {
		t.Error("the stream counts as a slow request")
	}
}

// waitFor waits for a figure that is set after the client has its answer.
func waitFor(t *testing.T, m *metrics.Metrics, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for tick := time.NewTicker(time.Millisecond); ; {
		if strings.Contains(scrape(t, m), line) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no line %s", line)
		}
	}
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{})
	m.Callback(irmaserver.CallbackEvent{Delivered: true, Status: 204})
	m.Callback(irmaserver.CallbackEvent{Status: 500})
	m.Callback(irmaserver.CallbackEvent{})
	m.Callback(irmaserver.CallbackEvent{Abandoned: true, Status: 12345})
	expectLines(t, scrape(t, m),
		`irmad_callback_attempts_total{outcome="delivered",status="204"} 1`,
		`irmad_callback_attempts_total{outcome="failed",status="500"} 1`,
		`irmad_callback_attempts_total{outcome="failed",status="none"} 1`,
		`irmad_callback_attempts_total{outcome="abandoned",status="other"} 1`,
	)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{})
	m.Session(t.Context(), irmaserver.SessionEvent{
		Action: irma.Issuing, Before: irma.StatusConnected, Status: irma.StatusCancelled, Error: irma.ErrMalformedInput.Name,
	})
	m.Crypto(irmaserver.CryptoEvent{Kind: irma.Signing, Failed: true})
	m.Crypto(irmaserver.CryptoEvent{Kind: irma.Issuing, Failed: true, Shed: true})
	m.Limited("address_rate")
	expectLines(t, scrape(t, m),
		`irmad_session_errors_total{error="MALFORMED_INPUT",type="issuing"} 1`,
		`irmad_crypto_refused_total{reason="late",type="signing"} 1`,
		`irmad_crypto_refused_total{reason="shed",type="issuing"} 1`,
		`irmad_limited_total{limit="address_rate"} 1`,
	)
}

func TestReloads(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{})
	m.Reloaded(true, time.Unix(1000, 0))
	m.Reloaded(false, time.Unix(2000, 0))
	expectLines(t, scrape(t, m),
		`irmad_config_reloads_total{outcome="used"} 1`,
		`irmad_config_reloads_total{outcome="failed"} 1`,
		`irmad_config_last_reload_successful 0`,
		`irmad_config_last_reload_success_timestamp_seconds 1000`,
	)
	m.SchemesStay()
	m.SchemeChecked("pbdf", time.Unix(4000, 0))
	m.Reloaded(true, time.Unix(3000, 0))
	expectLines(t, scrape(t, m),
		`irmad_config_reloads_total{outcome="used"} 2`,
		`irmad_scheme_reload_failures_total 1`,
		`irmad_scheme_checked_timestamp_seconds{scheme="pbdf"} 4000`,
		`irmad_config_last_reload_successful 1`,
		`irmad_config_last_reload_success_timestamp_seconds 3000`,
	)
}

// Whatever clients and requestors are called, the number of series is bounded.
func TestBounded(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{Prefix: "/"})
	h := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	for i := range 1000 {
		for _, path := range []string{"/%dabc", "/session/token%d", "/irma/session/%d/x", "/session/%d/%[1]d"} {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(fmt.Sprintf("METHOD%d", i), fmt.Sprintf(path, i), nil))
		}
		m.Session(t.Context(), irmaserver.SessionEvent{Action: irma.Disclosing, Requestor: fmt.Sprint("app", i), Status: irma.StatusInitialized})
	}
	figures := scrape(t, m)
	expectLines(t, figures,
		`irmad_sessions_total{proof_status="",requestor="other",status="INITIALIZED",type="disclosing"} 800`,
		`irmad_http_requests_total{method="other",route="other",status="404"} 3000`,
		`irmad_http_requests_total{method="other",route="session/{requestorToken}",status="404"} 1000`,
	)
	if lines := strings.Count(figures, "\n"); lines > 1000 {
		t.Errorf("%d lines", lines)
	}
}

// A handler that gives up does not leave a stream that counts for ever.
func TestAborted(t *testing.T) {
	t.Parallel()
	m := metrics.New(metrics.Config{Prefix: "/"})
	h := m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/session" {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(http.StatusOK)
		}
		panic(http.ErrAbortHandler)
	}))
	for _, path := range []string{"/session", "/health"} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("recovered %v", err)
				}
			}()
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		}()
	}
	expectLines(t, scrape(t, m),
		`irmad_event_streams{route="session"} 0`,
		`irmad_http_requests_total{method="GET",route="session",status="200"} 1`,
		`irmad_http_requests_total{method="GET",route="health",status="aborted"} 1`,
	)
}

func TestNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.issue(t, "shop")
	s.metrics.Callback(irmaserver.CallbackEvent{})
	s.metrics.Limited("address_rate")
	problems, err := promlint.New(strings.NewReader(scrape(t, s.metrics))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "irmad_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
}
