package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"irmad": main, "irma": main, "yivi": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	if signal.Ignored(syscall.SIGHUP) { // under nohup; what the scripts start must not inherit that
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("IRMASERVER_SCHEMES_UPDATE", "0") // tests do not use the network
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"freeport":     freePort,
			"listen":       listen,
			"await":        await,
			"session":      session,
			"terminate":    terminate,
			"hangup":       hangUp,
			"awaitsession": awaitSession,
			"curl":         curl,
			"field":        field,
			"webhook":      webhook,
			"expand":       expand,
			"rsakey":       rsaKey,
			"exits":        exits,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// freePort sets variables to ports that are free.
func freePort(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer listener.Close() // after all ports are taken, so that they differ
		ts.Setenv(name, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}
}

// listen occupies a port until the end of the script.
func listen(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
}

// await waits until a URL answers with status 200, and with a text if that is
// given: await URL [TEXT].
func await(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ts.Check(awaitText(ctx, args[0], strings.Join(args[1:], " ")))
}

// awaitHealth asks the URL until it answers with status 200.
func awaitHealth(ctx context.Context, url string) error { return awaitText(ctx, url, "") }

// awaitText asks the URL until it answers with status 200 and the text.
func awaitText(ctx context.Context, url, text string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if status, body := get(ctx, url); status == http.StatusOK && strings.Contains(body, text) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// session does an issuance and a disclosure with the server at a URL.
func session(ts *testscript.TestScript, _ bool, args []string) {
	_, err := doSessions(context.Background(), args[0])
	ts.Check(err)
}

// terminate sends SIGTERM to everything in the background.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// hangUp sends SIGHUP to everything in the background.
func hangUp(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGHUP))
	}
}

// awaitSession starts sessions until the server accepts the token: awaitsession
// URL TOKEN FILE.
func awaitSession(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, args[0], strings.NewReader(ts.ReadFile(args[2])))
		ts.Check(err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", args[1])
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		ts.Check(resp.Body.Close())
		if resp.StatusCode == http.StatusOK {
			return
		}
		<-tick.C
	}
}
