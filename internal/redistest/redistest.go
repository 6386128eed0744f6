// Package redistest runs redis-server processes for tests, on free ports and
// with their own directories, and ends them with the test. A test that needs one
// fails where redis-server is not installed.
package redistest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a server may take to start, or a group to form.
const patience = 20 * time.Second

// Server is one redis-server process, which can be killed and started again.
type Server struct {
	Addr string // host and port

	t    testing.TB
	host string
	port string
	args []string

	mu      sync.Mutex // guards process
	process *exec.Cmd
}

// Start starts a server that saves nothing, unless the options say so, given as
// on the command line: "--appendonly", "yes". It ends with the test.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	port := FreePort(t)
	s := &Server{
		Addr: net.JoinHostPort("127.0.0.1", port), t: t, host: "127.0.0.1", port: port,
		args: append([]string{
			"--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no",
			"--daemonize", "no", "--logfile", "redis.log", "--repl-diskless-sync-delay", "0",
		}, options...),
	}
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// Restart starts a server that was killed, with the files that it left.
func (s *Server) Restart() {
	s.t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatal("redis-server is not installed; run `make deps`")
	}
	process := exec.Command(path, s.args...)
	if err := process.Start(); err != nil {
		s.t.Fatalf("starting redis-server: %v", err)
	}
	s.mu.Lock()
	s.process = process
	s.mu.Unlock()
	s.Await(func() bool { return s.answers() }, "redis-server answers")
}

// answers reports whether the server takes commands; it may ask for a password.
func (s *Server) answers() bool {
	out, err := s.command("PING")
	return err == nil && (strings.Contains(out, "PONG") || strings.Contains(out, "NOAUTH"))
}

// Kill ends the server at once, with what it has not saved.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Process.Kill() // it may have ended
		_ = s.process.Wait()         // because of that
		s.process = nil
	}
}

// Do gives the server a command and returns the answer as redis-cli shows it.
func (s *Server) Do(command ...string) string {
	s.t.Helper()
	out, err := s.command(command...)
	if err != nil || strings.HasPrefix(out, "ERR ") {
		s.t.Fatalf("redis-cli %q: %v\n%s", command, err, out)
	}
	return strings.TrimSpace(out)
}

func (s *Server) command(command ...string) (string, error) {
	args := append([]string{"-h", s.host, "-p", s.port}, command...)
	out, err := exec.Command("redis-cli", args...).CombinedOutput()
	if err == nil && bytes.Contains(out, []byte("Could not connect")) {
		err = errors.New("not connected")
	}
	return string(out), err
}

// Replicated waits until a replica has all that was written before. WAIT is about the
// writes of its own connection, so one goes before it.
func (s *Server) Replicated() {
	s.t.Helper()
	cli := exec.Command("redis-cli", "-h", s.host, "-p", s.port)
	cli.Stdin = strings.NewReader("SET redistest:replicated 1 PX 1\nWAIT 1 10000\n")
	if out, err := cli.Output(); err != nil || strings.TrimSpace(string(out)) != "OK\n1" {
		s.t.Fatalf("waiting for a replica: %v\n%s", err, out)
	}
}

// TLSAddr returns the address of a server that was given the option --tls-port.
func (s *Server) TLSAddr() string { return net.JoinHostPort(s.host, s.option("--tls-port")) }

// Await waits until something is so.
func (s *Server) Await(so func() bool, what string) {
	s.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !so(); <-tick.C {
		if time.Now().After(deadline) {
			s.t.Fatalf("waiting until %s: it did not happen in %v", what, patience)
		}
	}
}

// Cluster starts a Cluster of this many servers without replicas.
func Cluster(t testing.TB, nodes int) []*Server {
	t.Helper()
	const slots = 16384
	var out []*Server
	for i := range nodes {
		s := Start(t, "--cluster-enabled", "yes", "--cluster-port", FreePort(t), "--cluster-node-timeout", "2000")
		s.Do("CLUSTER", "ADDSLOTSRANGE", fmt.Sprint(slots*i/nodes), fmt.Sprint(slots*(i+1)/nodes-1))
		out = append(out, s)
	}
	for _, s := range out[1:] {
		s.Do("CLUSTER", "MEET", out[0].host, out[0].port, out[0].option("--cluster-port"))
	}
	for _, s := range out {
		s.Await(func() bool {
			return strings.Contains(s.Do("CLUSTER", "INFO"), "cluster_state:ok") &&
				strings.Count(s.Do("CLUSTER", "NODES"), "connected") == nodes
		}, "the cluster is complete")
	}
	return out
}

func (s *Server) option(name string) string {
	for i, arg := range s.args {
		if arg == name {
			return s.args[i+1]
		}
	}
	return ""
}

// Replica starts a server that follows another.
func Replica(t testing.TB, of *Server) *Server {
	t.Helper()
	s := Start(t, "--replicaof", of.host+" "+of.port)
	s.Await(func() bool { return strings.Contains(s.Do("INFO", "replication"), "master_link_status:up") }, "the replica follows")
	return s
}

// Sentinel starts a Sentinel that watches a master under this name and replaces
// it by a replica a second after it is gone.
func Sentinel(t testing.TB, name string, master *Server) *Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	conf := fmt.Sprintf("sentinel monitor %[1]s %[2]s %[3]s 1\nsentinel down-after-milliseconds %[1]s 1000\nsentinel failover-timeout %[1]s 2000\n",
		name, master.host, master.port)
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	port := FreePort(t)
	s := &Server{
		Addr: net.JoinHostPort("127.0.0.1", port), t: t, host: "127.0.0.1", port: port,
		args: []string{file, "--sentinel", "--port", port, "--bind", "127.0.0.1", "--dir", filepath.Dir(file), "--logfile", "sentinel.log"},
	}
	t.Cleanup(s.Kill)
	s.Restart()
	// A Sentinel that is late, as on a busy machine, does nothing for half a minute
	// unless told otherwise; and with its own periods it would take the master for
	// dead before it has asked, and the replica for unknown.
	s.Do("SENTINEL", "DEBUG", "tilt-period", "1000", "ping-period", "400", "info-period", "500")
	s.Await(func() bool {
		replica := s.Do("SENTINEL", "REPLICAS", name)
		return strings.Contains(replica, "flags\nslave\n") && strings.Contains(replica, "master-link-status\nok\n")
	}, "the sentinel knows that the replica is well")
	return s
}

// FreePort returns a port that nobody listened on a moment ago.
func FreePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Signal sends the server a signal.
func (s *Server) Signal(signal os.Signal) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatalf("signalling redis-server: %v", err)
	}
}
