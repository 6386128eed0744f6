package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// secrets are what sessions must not leave in logs.
type secrets []string

const firstName = "Wilhelmina"

// doSessions issues a credential to a new wallet and asks for an attribute of
// it, at the server whose requestor endpoints are below url.
func doSessions(ctx context.Context, url string) (secrets, error) {
	schemes, err := demo.Set()
	if err != nil {
		return nil, err
	}
	var seen seenTokens
	client := &http.Client{Transport: &seen}
	w, err := wallet.New(schemes, wallet.Config{HTTPClient: client})
	if err != nil {
		return nil, err
	}
	r, show := &demoRequestor{url: url, client: client}, &narrator{w: io.Discard}
	_, err = r.session(ctx, irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.personalData",
		Attributes:       map[string]string{"firstName": firstName, "familyName": "Unlikely", "birthDate": "1912-06-23", "city": "Ootmarsum"},
	}), w, show)
	if err != nil {
		return nil, fmt.Errorf("issuing: %w", err)
	}
	result, err := r.session(ctx, irma.NewDisclosureRequest("irmad-demo.gov.personalData.firstName"), w, show)
	if err != nil {
		return nil, fmt.Errorf("disclosing: %w", err)
	}
	if got := *result.Disclosed[0][0].RawValue; got != firstName {
		return nil, fmt.Errorf("disclosed %q, want %q", got, firstName)
	}
	return append(secrets{firstName, "Unlikely", "1912-06-23", "Ootmarsum"}, seen.list...), nil
}

// seenTokens notes the tokens that pass by in URLs and headers.
type seenTokens struct {
	mu   sync.Mutex // guards list
	list []string
}

func (s *seenTokens) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.list = append(s.list, token().FindAllString(req.URL.Path+" "+req.Header.Get("Authorization"), -1)...)
	s.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// get returns the status and body of an answer.
func get(ctx context.Context, url string) (int, string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// running is an irmad inside the test.
type running struct {
	url            string
	stdout, stderr bytes.Buffer // to be read after stop
	stop           func() int   // returns the exit status
	reload         chan<- os.Signal
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	return startIn(t, nil, args...)
}

// startIn starts irmad with environment variables.
func startIn(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	return startWatching(t, 0, env, args...)
}

// startWatching starts irmad, which looks for changed files in this interval.
func startWatching(t *testing.T, watch time.Duration, env []string, args ...string) *running {
	t.Helper()
	return startLogging(t, nil, watch, env, args...)
}

// offline keeps tests from using the network.
const offline = "IRMASERVER_SCHEMES_UPDATE=0"

// startLogging starts irmad with the log going to a writer, or to stderr.
func startLogging(t *testing.T, log io.Writer, watch time.Duration, env []string, args ...string) *running {
	t.Helper()
	return startChanged(t, log, watch, env, args)
}

// startChanged starts irmad with changes to what it has of the world around it.
func startChanged(t *testing.T, log io.Writer, watch time.Duration, env []string, args []string, changes ...func(*process)) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{url: "http://127.0.0.1:" + strconv.Itoa(port)}
	if log == nil {
		log = &r.stderr
	}
	exited := make(chan int, 1)
	args = append([]string{"serve", "-l", "127.0.0.1", "-p", strconv.Itoa(port)}, args...)
	reload := make(chan os.Signal) // so that a signal is taken when the one before has been dealt with
	r.reload = reload
	p := &process{Process: cli.Process{Args: args, Env: append([]string{"HOME=" + t.TempDir(), offline}, env...), Stdout: &r.stdout, Stderr: log}, reload: reload, watchInterval: watch}
	for _, change := range changes {
		change(p)
	}
	go func() { exited <- run(ctx, p) }()
	r.stop = func() int {
		cancel()
		return <-exited
	}
	return r
}

func (r *running) await(t *testing.T, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := awaitHealth(ctx, r.url+path); err != nil {
		t.Fatalf("waiting for irmad: %v; it wrote:\n%s", err, &r.stderr)
	}
}

func TestLogsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{"console": {"-vv"}, "json": {"-vv", "--log-json"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, args...)
			server.await(t, "/health")
			secrets, err := doSessions(t.Context(), server.url+"/")
			if err != nil {
				t.Error(err)
			}
			if code := server.stop(); code != cli.ExitOK {
				t.Errorf("exit status %d", code)
			}
			log := server.stdout.String() + server.stderr.String()
			if n := strings.Count(log, "session updated"); n != 4 {
				t.Errorf("%d status changes in the log, want 4:\n%s", n, log)
			}
			if len(secrets) < 8 {
				t.Errorf("only %d secrets to look for", len(secrets))
			}
			for _, secret := range secrets {
				if strings.Contains(log, secret) {
					t.Errorf("log holds %s:\n%s", secret, log)
				}
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	server := start(t, "--api-prefix", "/api/v1", "-q")
	server.await(t, "/api/v1/health")
	notFound := `{"status":404,"error":"INVALID_REQUEST","message":"no endpoint has this path; /api/v1/openapi.json lists those that there are"}` + "\n"
	unknown := `{"status":400,"error":"SESSION_UNKNOWN","description":"Unknown or expired session"`
	advice := `,"message":"no session has this token: it is not the token of the answer to POST session, or it is too long ago that the session ended"`
	for path, want := range map[string]string{
		"/api/v1/health": "200 OK",
		"/health":        "404 " + notFound,
		"/":              "404 " + notFound,
		"/session":       "404 " + notFound,
		"/api/v1/irma":   "404 " + notFound,
		"/api/v1/session/aaaaaaaaaaaaaaaaaaaa/status":      "400 " + unknown + advice + "}",
		"/api/v1/irma/session/aaaaaaaaaaaaaaaaaaaa/status": "400 " + unknown + "}",
	} {
		status, body := get(t.Context(), server.url+path)
		if diff := cmp.Diff(want, fmt.Sprintf("%d %s", status, body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if _, err := doSessions(t.Context(), server.url+"/api/v1/"); err != nil {
		t.Error(err)
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
	if log := server.stdout.String() + server.stderr.String(); log != "" {
		t.Errorf("a quiet server wrote:\n%s", log)
	}
}

func TestHealthIsForReading(t *testing.T) {
	t.Parallel()
	server := start(t)
	server.await(t, "/health")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.url+"/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("status %d, want 405", resp.StatusCode)
	}
	server.stop()
}

var curlLine = regexp.MustCompile(`curl -H '([^:]*): ([^']*)' -d '([^']*)' (\S+)`)

// TestWelcome does what the text at the start says.
func TestWelcome(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	server := start(t)
	server.await(t, "/health")
	a := &app{settings: &config.Settings{APIPrefix: "/", URL: server.url + "/irma/"}}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.url, "http://"))
	must(t, err)
	a.settings.Port, err = strconv.Atoi(port)
	must(t, err)
	a.settings.ListenAddr = "127.0.0.1"
	a.welcome(&text)

	args := curlLine.FindStringSubmatch(text.String())
	if args == nil {
		t.Fatalf("no curl line in:\n%s", &text)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, args[4], strings.NewReader(args[3]))
	must(t, err)
	req.Header.Set(args[1], args[2])
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), `"sessionPtr"`) {
		t.Errorf("the curl line gives status %d: %s", resp.StatusCode, body)
	}
	server.stop()
	if !strings.Contains(server.stdout.String(), args[0]) {
		t.Errorf("the server did not print the text, but:\n%s", &server.stdout)
	}
}

// TestStopFinishesRequests stops a server in the middle of a request.
func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	server := start(t)
	server.await(t, "/health")
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
	must(t, err)
	defer conn.Close()
	body := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.root.bsn"]]]}`
	_, err = fmt.Fprintf(conn, "POST /session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	must(t, err)
	answer := bufio.NewReader(conn)
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q and error %v, want to continue", line, err)
	}
	_, err = answer.ReadString('\n')
	must(t, err)

	stopped := make(chan int, 1)
	go func() { stopped <- server.stop() }()
	for { // until it stops accepting
		probe, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
		if err != nil {
			break
		}
		must(t, probe.Close())
	}
	_, err = io.WriteString(conn, body)
	must(t, err)
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, "200 OK") {
		t.Errorf("got %q and error %v, want 200", line, err)
	}
	must(t, conn.Close())
	if code := <-stopped; code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
}
