package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// TestStreamOutlivesTimeouts reads events through all layers of a server whose
// timeouts have passed before it can answer: in the handler, where requests are
// logged, and after it.
func TestStreamOutlivesTimeouts(t *testing.T) {
	t.Parallel()
	for _, verbosity := range []string{"-v", "-vv"} {
		t.Run(verbosity, func(t *testing.T) {
			t.Parallel()
			streamOutlivesTimeouts(t, verbosity)
		})
	}
}

func streamOutlivesTimeouts(t *testing.T, verbosity string) {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	s := settingsOf(t, []string{verbosity, "--url", "http://" + web.Listener.Addr().String()}, nil)
	a, err := newApp(s, new(process), zap.NewNop(), true)
	must(t, err)
	defer func() { must(t, a.close()) }()
	web.Config.Handler = transport.NewStreams().Wrap(a.endpoints[0].Handler)
	web.Config.WriteTimeout = time.Nanosecond
	web.Start()
	defer web.Close()
	if status, body := get(t.Context(), web.URL+"/health"); status != 0 {
		t.Errorf("the timeout does not work: status %d, %s", status, body)
	}
	pkg, err := a.irma.StartSession(t.Context(), irma.NewDisclosureRequest(demoAttribute))
	must(t, err)

	resp, err := http.Get(web.URL + "/session/" + string(pkg.Token) + "/statusevents")
	must(t, err)
	defer resp.Body.Close()
	must(t, a.irma.CancelSession(t.Context(), pkg.Token))
	events, err := io.ReadAll(resp.Body)
	must(t, err)
	if want := "event: open\n\ndata: \"CANCELLED\"\n\n"; string(events) != want {
		t.Errorf("events %q, want %q", events, want)
	}
}

// TestStopEndsStreams stops a server that streams the events of a session which
// would go on for long.
func TestStopEndsStreams(t *testing.T) {
	t.Parallel()
	for _, verbosity := range []string{"-v", "-vv"} {
		t.Run(verbosity, func(t *testing.T) {
			t.Parallel()
			stopEndsStreams(t, verbosity)
		})
	}
}

func stopEndsStreams(t *testing.T, verbosity string) {
	t.Helper()
	server := start(t, verbosity)
	server.await(t, "/health")
	pkg := newClient(t, server.url).begin(ageRequest)
	resp, err := http.Get(server.url + "/session/" + string(pkg.Token) + "/statusevents")
	must(t, err)
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	if line, err := body.ReadString('\n'); err != nil || line != "event: open\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
	if rest, err := io.ReadAll(body); err != nil || string(rest) != "\n" {
		t.Errorf("the stream ended with %q, %v", rest, err)
	}
	if log := server.stderr.String(); strings.Contains(log, "did not finish in time") || strings.Contains(log, string(pkg.Token)) {
		t.Errorf("log:\n%s", log)
	}
}
