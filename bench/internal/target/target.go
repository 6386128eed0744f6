// Package target runs the servers that are measured and reads from the system
// what they use. It needs Linux.
package target

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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kind is a server program.
type Kind struct {
	Name    string
	Version string
	args    []string // what comes before the flags that both understand
	extra   []string
	binary  string

	profiled bool
}

// Build builds both programs into dir: irmad from the directory above, and the
// server of the other module at the version in go.mod.
func Build(ctx context.Context, dir string) (irmad, other *Kind, err error) {
	irmad = irmadKind(ctx, dir)
	other = &Kind{Name: "irmago", Version: "v1.3.0", binary: filepath.Join(dir, "yivi"), args: []string{"irma", "server"}, extra: []string{"--sse"}}
	if err := build(ctx, "..", "-o", irmad.binary, "./cmd/irmad"); err != nil {
		return nil, nil, err
	}
	return irmad, other, build(ctx, ".", "-o", other.binary, "github.com/privacybydesign/irmago/yivi")
}

func irmadKind(ctx context.Context, dir string) *Kind {
	return &Kind{Name: "irmad", Version: describe(ctx), binary: filepath.Join(dir, "irmad"), extra: []string{"--anonymous-max-sessions", "0"}}
}

func build(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, out)
	}
	return nil
}

// TestSchemes copies the schemes into dir that the other server's module has for
// its tests. Servers may write there.
func TestSchemes(ctx context.Context, dir string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/privacybydesign/irmago").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the module: %w", err)
	}
	from := filepath.Join(strings.TrimSpace(string(out)), "testdata", "irma_configuration")
	return dir, os.CopyFS(dir, os.DirFS(from))
}

func describe(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// Server is a running process.
type Server struct {
	URL   string
	Kind  *Kind
	Ready time.Duration // from the start to the first answer
	cmd   *exec.Cmd
	log   bytes.Buffer

	profiler string // URL; empty without one
}

const readyTimeout = 30 * time.Second

// Start starts a server with the schemes in this directory and waits until it
// answers. Sessions live for ten hours, so that none ends while it is measured.
func Start(ctx context.Context, kind *Kind, schemes string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "http://127.0.0.1:" + port, Kind: kind}
	args := append([]string{}, kind.args...)
	args = append(args, "--schemes-path", schemes, "--listen-addr", "127.0.0.1", "--port", port, "--url", s.URL,
		"--no-auth", "--schemes-update", "0", "--max-session-lifetime", "600", "--session-result-lifetime", "1")
	s.cmd = exec.CommandContext(ctx, kind.binary, append(args, kind.extra...)...)
	s.cmd.Dir = filepath.Dir(schemes)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	s.cmd.Env = append(os.Environ(), "HOME="+filepath.Dir(schemes))
	if kind.profiled {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		s.profiler = "http://127.0.0.1:" + port
		s.cmd.Env = append(s.cmd.Env, "IRMAD_PROFILER=127.0.0.1:"+port)
	}
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.await(ctx, began); err != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		return nil, fmt.Errorf("%s: %w\n%s", kind.Name, err, s.log.Bytes())
	}
	return s, nil
}

func (s *Server) await(ctx context.Context, began time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/health", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				s.Ready = time.Since(began)
				return nil
			}
		}
		time.Sleep(500 * time.Microsecond)
	}
	return errors.New("does not answer")
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// Stop ends the process.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		_ = s.cmd.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
		<-done
	}
}

// Log returns what the server wrote; only after Stop.
func (s *Server) Log() string { return s.log.String() }

// CPU returns the processor time that the process has used, in user and system,
// to the nanosecond: that of its threads, which a Go program does not end.
func (s *Server) CPU() (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.cmd.Process.Pid))
	if err != nil || len(threads) == 0 {
		return 0, errors.Join(err, errors.New("process without threads"))
	}
	var total time.Duration
	for _, thread := range threads {
		content, err := os.ReadFile(thread)
		if err != nil {
			return 0, err
		}
		running, _, _ := strings.Cut(string(content), " ")
		nanoseconds, err := strconv.ParseInt(running, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("unexpected %s: %q", thread, content)
		}
		total += time.Duration(nanoseconds)
	}
	return total, nil
}

// Memory returns the resident anonymous memory in bytes: heap and stacks, but not
// the program's own file.
func (s *Server) Memory() (int64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("no RssAnon in /proc/PID/status")
}

// Settle waits until the process does next to nothing, at most for this long.
func (s *Server) Settle(ctx context.Context, patience time.Duration) error {
	const look, quiet = 300 * time.Millisecond, 10 * time.Millisecond
	end := time.Now().Add(patience)
	before, err := s.CPU()
	for err == nil && time.Now().Before(end) {
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return ctx.Err()
		}
		now, problem := s.CPU()
		if now-before <= quiet {
			return problem
		}
		before, err = now, problem
	}
	return err
}

// PID returns the process's number, for profilers.
func (s *Server) PID() int { return s.cmd.Process.Pid }
