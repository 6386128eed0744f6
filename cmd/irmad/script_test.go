package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"irmad": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"freeport":  freePort,
			"listen":    listen,
			"await":     await,
			"session":   session,
			"terminate": terminate,
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

// await waits until a URL answers with status 200.
func await(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	ts.Check(awaitHealth(ctx, args[0]))
}

// awaitHealth asks the URL until it answers with status 200.
func awaitHealth(ctx context.Context, url string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if status, _ := get(ctx, url); status == http.StatusOK {
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
