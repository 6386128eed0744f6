package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// receiver is a requestor's callback endpoint that accepts some results and lets
// those after that wait.
type receiver struct {
	*httptest.Server
	free chan struct{} // holds one per result that is accepted at once
	full chan struct{} // closed when the first result waits
	held chan struct{} // closed when results need not wait any more

	grudging bool // refuses each result once

	mu      sync.Mutex // guards what follows
	refused map[irma.RequestorToken]bool
	results []irma.RequestorToken
}

func newReceiver(t *testing.T, free int) *receiver {
	t.Helper()
	r := &receiver{refused: map[irma.RequestorToken]bool{}, free: make(chan struct{}, free), full: make(chan struct{}), held: make(chan struct{})}
	fill := sync.OnceFunc(func() { close(r.full) })
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var result irma.SessionResult
		body, err := io.ReadAll(req.Body)
		if err == nil {
			err = json.Unmarshal(body, &result)
		}
		if err != nil || result.ProofStatus != irma.ProofValid {
			t.Errorf("posted %s, %v", body, err)
		}
		select {
		case r.free <- struct{}{}:
		default:
			fill()
			<-r.held
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.grudging && !r.refused[result.Token] {
			r.refused[result.Token] = true
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.results = append(r.results, result.Token)
	}))
	t.Cleanup(r.Close)
	return r
}

// walkers do sessions one after another, until the server is gone, each at its
// own pace.
type walkers struct {
	sync.WaitGroup
	mu   sync.Mutex // guards done
	done []irma.RequestorToken
}

func (w *walkers) walk(ctx context.Context, t *testing.T, url string, request *irma.ExtendedRequest) {
	schemes, err := demo.Set()
	if err != nil {
		t.Error(err)
		return
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	phone, err := wallet.New(schemes, wallet.Config{HTTPClient: client})
	if err != nil {
		t.Error(err)
		return
	}
	r := &demoRequestor{url: url + "/", client: client}
	for {
		var session irma.SessionPackage
		if r.call(ctx, http.MethodPost, "session", request, &session) != nil {
			return // the server stops
		}
		if _, err := phone.Perform(ctx, session.SessionPtr); err != nil {
			return
		}
		w.mu.Lock()
		w.done = append(w.done, session.Token)
		w.mu.Unlock()
	}
}

// A session whose wallet was answered has its result posted, and the other way
// round, when the server is told to stop amid all that; also if the receiver is
// out of order at its first attempt.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	for name, grudging := range map[string]bool{"willing": false, "grudging": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stopUnderLoad(t, grudging)
		})
	}
}

func stopUnderLoad(t *testing.T, grudging bool) {
	t.Helper()
	hook := newReceiver(t, 20)
	hook.grudging = grudging
	server := launch(t, "--allow-unsigned-callbacks")
	request := irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: demoCredential,
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}).Extended()
	request.CallbackURL = hook.URL
	var phones walkers
	for range 20 {
		phones.Go(func() { phones.walk(t.Context(), t, server.url, request) })
	}
	<-hook.full // results are being posted, and more are on their way
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, server.admin+"/ready", http.StatusServiceUnavailable)
	close(hook.held)
	phones.Wait()
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if log := server.log.String(); !strings.HasSuffix(strings.TrimSpace(log), "stopped") || strings.Contains(log, "did not finish") {
		t.Errorf("the log ends with\n%s", log[max(0, len(log)-1000):])
	}
	hook.mu.Lock()
	defer hook.mu.Unlock()
	slices.Sort(hook.results)
	slices.Sort(phones.done)
	hook.results = slices.Compact(hook.results) // results may be posted twice
	if len(hook.refused) == 0 && grudging {
		t.Error("nothing was refused")
	}
	if diff := cmp.Diff(phones.done, hook.results); diff != "" {
		t.Errorf("sessions of wallets that were answered, and results posted (-want +got):\n%s", diff)
	}
	if len(phones.done) < 20 {
		t.Errorf("only %d sessions", len(phones.done))
	}
}

// awaitStatus asks the URL until it answers with this status.
func awaitStatus(t *testing.T, url string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		got, body := get(ctx, url)
		if got == want {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("status %d %s, want %d", got, body, want)
		}
	}
}

// While not ready the server still serves, for the load balancer to notice.
func TestShutdownDelay(t *testing.T) {
	t.Parallel()
	server := launch(t, "--shutdown-delay", "3600")
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, server.url+"/ready", http.StatusServiceUnavailable)
	if status, body := get(t.Context(), server.url+"/health"); status != http.StatusOK || body != "OK" {
		t.Errorf("health: %d %s", status, body)
	}
	if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
		t.Errorf("session after the signal: %v", err)
	}
	// A second signal ends the process at once.
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.cmd.Wait(); err == nil || err.Error() != "signal: terminated" {
		t.Errorf("exit: %v", err)
	}
}

// A client that never finishes its request costs neither the stop nor a result.
func TestStopInTime(t *testing.T) {
	t.Parallel()
	hook := newReceiver(t, 0)
	server := launch(t, "--allow-unsigned-callbacks", "--shutdown-timeout", "4")
	stuck := dialSlow(t, server.url, "POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	defer stuck.Close()
	request := irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: demoCredential,
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}).Extended()
	request.CallbackURL = hook.URL
	ctx, cancel := context.WithCancel(t.Context())
	var phones walkers
	phones.Go(func() { phones.walk(ctx, t, server.url, request) })
	<-hook.full
	cancel()
	phones.Wait()
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, server.admin+"/ready", http.StatusServiceUnavailable)
	close(hook.held)
	began := time.Now()
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if len(hook.results) == 0 {
		t.Error("no result was posted")
	}
}
