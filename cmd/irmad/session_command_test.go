package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/pointer"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// sessionCommand is "irmad session" with somebody at the keyboard.
type sessionCommand struct {
	stdin  *io.PipeWriter
	stdout *bufio.Scanner
	stderr bytes.Buffer // to be read after status
	status chan int
	cancel context.CancelFunc
}

func startSession(t *testing.T, args ...string) *sessionCommand {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	in, keyboard := io.Pipe()
	screen, out := io.Pipe()
	c := &sessionCommand{stdin: keyboard, stdout: bufio.NewScanner(screen), status: make(chan int, 1), cancel: cancel}
	p := &process{Process: cli.Process{Args: append([]string{"session", "--noqr"}, args...), Env: []string{"HOME=" + t.TempDir()}, Stdin: in, Stdout: out, Stderr: &c.stderr}}
	go func() {
		c.status <- run(ctx, p)
		_ = out.Close() // of a pipe, which does not fail
	}()
	t.Cleanup(cancel)
	return c
}

// line returns the next line on the screen that begins with this.
func (c *sessionCommand) line(t *testing.T, begin string) string {
	t.Helper()
	for c.stdout.Scan() {
		if strings.HasPrefix(c.stdout.Text(), begin) {
			return c.stdout.Text()
		}
	}
	t.Fatalf("there is no line that begins with %q", begin)
	return ""
}

// finish returns the rest of the screen and the exit status.
func (c *sessionCommand) finish() (string, int) {
	var rest strings.Builder
	for c.stdout.Scan() {
		rest.WriteString(c.stdout.Text() + "\n")
	}
	return rest.String(), <-c.status
}

// TestSessionPairing confirms a pairing code by pressing Enter.
func TestSessionPairing(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	shown := make(chan string, 1)
	user := server.NewWallet(t, wallet.Config{ShowPairingCode: func(_ context.Context, code string) { shown <- code }})
	server.Issue(t, user, irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "1"}})
	c := startSession(t, "--server", server.URL, "--pairing", "--disclose", "irmad-demo.gov.root.bsn")
	ptr, err := pointer.Parse(c.line(t, "{"))
	must(t, err)
	performed := make(chan error, 1)
	go func() {
		_, err := user.Perform(t.Context(), ptr)
		performed <- err
	}()
	code := strings.TrimPrefix(c.line(t, "Pairing code: "), "Pairing code: ")
	if got := <-shown; got != code {
		t.Errorf("wallet shows %s, and the command %s", got, code)
	}
	c.line(t, "Press Enter")
	_, err = io.WriteString(c.stdin, "\n")
	must(t, err)
	c.line(t, "Pairing completed.")
	if rest, status := c.finish(); status != cli.ExitOK || !strings.Contains(rest, `"proofStatus": "VALID"`) {
		t.Errorf("status %d, printed %s and %s", status, rest, &c.stderr)
	}
	must(t, <-performed)
}

// TestSessionUnconfirmed is about a pairing code that nobody can confirm.
func TestSessionUnconfirmed(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	user := server.NewWallet(t, wallet.Config{ShowPairingCode: func(context.Context, string) {}})
	c := startSession(t, "--server", server.URL, "--pairing", "--issue", "irmad-demo.gov.root=1")
	ptr, err := pointer.Parse(c.line(t, "{"))
	must(t, err)
	must(t, c.stdin.Close())
	performed := make(chan error, 1)
	go func() {
		_, err := user.Perform(t.Context(), ptr)
		performed <- err
	}()
	if _, status := c.finish(); status != cli.ExitFailed || !strings.Contains(c.stderr.String(), "was not confirmed") {
		t.Errorf("status %d, printed %s", status, &c.stderr)
	}
	if err := <-performed; !errors.Is(err, wallet.ErrPairingRejected) {
		t.Errorf("wallet: %v", err)
	}
}

// TestSessionInterrupted: a session that is given up does not go on.
func TestSessionInterrupted(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t)
	c := startSession(t, "--server", server.URL, "--disclose", "irmad-demo.gov.root.bsn")
	ptr, err := pointer.Parse(c.line(t, "{"))
	must(t, err)
	c.cancel()
	if _, status := c.finish(); status != cli.ExitFailed || !strings.Contains(c.stderr.String(), "interrupted: the session is cancelled") {
		t.Errorf("status %d, printed %s", status, &c.stderr)
	}
	frontend := &requestor.Frontend{Pointer: ptr}
	for status, err := range frontend.Statuses(t.Context()) {
		if must(t, err); status != irma.StatusCancelled {
			t.Errorf("session is %s", status)
		}
	}
}

// TestSessionBuiltin arrives at the built-in server like a phone.
func TestSessionBuiltin(t *testing.T) {
	t.Parallel()
	c := startSession(t, "-p", freeTestPort(t), "-u", "http://127.0.0.1:port", "--issue", "irmad-demo.gov.root=1")
	ptr, err := pointer.Parse(c.line(t, "{"))
	must(t, err)
	user := irmatest.NewServer(t).NewWallet(t, wallet.Config{})
	_, err = user.Perform(t.Context(), ptr)
	must(t, err)
	if rest, status := c.finish(); status != cli.ExitOK || !strings.Contains(rest, `"status": "DONE"`) {
		t.Errorf("status %d, printed %s and %s", status, rest, &c.stderr)
	}
}

func freeTestPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	must(t, listener.Close())
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
