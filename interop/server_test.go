package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/bwesterb/go-atum"
)

const (
	buildTimeout = 5 * time.Minute
	startTimeout = 30 * time.Second
	stopTimeout  = 5 * time.Second
)

// What nearly all tests talk to. TestMain sets these before the first test and
// stops them after the last.
var (
	server  *process    // irmad
	stamper *timestamps // the timestamp server that its schemes name
	site    *website    // where irmad posts to
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a temporary directory:", err)
		return 1
	}
	defer os.RemoveAll(dir)

	atum.SetCache(uncached{})
	stamper = newTimestamps()
	defer stamper.server.Close()
	site = newWebsite()
	defer site.server.Close()
	server, err = launch(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		return 1
	}
	code := m.Run()
	log := server.stop()
	if code != 0 {
		fmt.Fprintf(os.Stderr, "irmad wrote:\n%s", log)
	}
	return code
}

// process is a running irmad.
type process struct {
	url     string // for requestors and wallets alike
	binary  string // for more processes of the same kind
	schemes string // directory with the schemes it serves
	output  bytes.Buffer
	cancel  context.CancelFunc
	exited  chan struct{} // closed when the process is gone; output may be read from then on
}

// launch builds irmad and starts it with the test schemes, keeping all files
// below dir. It returns when irmad answers requests.
func launch(dir string) (*process, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	binary, err := build(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("building irmad: %w", err)
	}
	src, err := walletSchemes()
	if err != nil {
		return nil, fmt.Errorf("finding schemes: %w", err)
	}
	schemes := filepath.Join(dir, "schemes")
	if err := copySchemes(schemes, src, stamper.url()); err != nil {
		return nil, fmt.Errorf("copying schemes: %w", err)
	}
	static, err := staticSessions()
	if err != nil {
		return nil, err
	}
	return start(binary, dir, schemes,
		"--allow-unsigned-callbacks", "--augment-client-return-url", "--static-sessions", static)
}

// anotherServer starts one more irmad, for a test that needs other options or
// another timestamp server than the rest. It stops when the test ends.
func anotherServer(t *testing.T, timestampServer string, options ...string) *process {
	t.Helper()
	dir := t.TempDir()
	schemes := filepath.Join(dir, "schemes")
	if err := copySchemes(schemes, server.schemes, timestampServer); err != nil {
		t.Fatalf("copying schemes: %v", err)
	}
	p, err := start(server.binary, dir, schemes, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if log := p.stop(); t.Failed() {
			t.Logf("irmad wrote:\n%s", log)
		}
	})
	return p
}

func build(ctx context.Context, dir string) (string, error) {
	if binary := os.Getenv("IRMAD"); binary != "" {
		return filepath.Abs(binary)
	}
	binary := filepath.Join(dir, "irmad")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/irmad")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	_, err := output(cmd)
	return binary, err
}

// output runs cmd and returns what it prints; an error contains what it
// prints to standard error.
func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, stderr.Bytes())
	}
	return string(out), nil
}

func start(binary, dir, schemes string, options ...string) (*process, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{
		url:     "http://127.0.0.1:" + port,
		binary:  binary,
		schemes: schemes,
		cancel:  cancel,
		exited:  make(chan struct{}),
	}
	options = append([]string{"--listen-addr", "127.0.0.1", "--port", port, "--url", p.url,
		"--schemes-path", schemes, "--schemes-update", "0", "--no-auth"}, options...)
	cmd := exec.CommandContext(ctx, binary, options...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTimeout
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("starting irmad: %w", err)
	}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait() // being terminated by stop is an error too
	}()
	if err := p.waitHealthy(); err != nil {
		return nil, fmt.Errorf("%w; it wrote:\n%s", err, p.stop())
	}
	return p, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// waitHealthy returns when irmad answers its health check.
func (p *process) waitHealthy() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if resp, err := httpClient.Get(p.url + "/health"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.exited:
			return errors.New("irmad ended before it served a request")
		case <-ctx.Done():
			return fmt.Errorf("irmad is not healthy after %s", startTimeout)
		case <-tick.C:
		}
	}
}

// stop terminates irmad, by force if it does not go, and returns what it
// printed.
func (p *process) stop() string {
	p.cancel()
	<-p.exited
	return p.output.String()
}
