package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// anotherPort returns a port that is free now.
func anotherPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// TestDoubleServer serves wallets and requestors at ports of their own.
func TestDoubleServer(t *testing.T) {
	t.Parallel()
	port := anotherPort(t)
	server := start(t, "--client-port", port, "--client-listen-addr=127.0.0.1", "--static-path", newSite(t), "-a", "/api")
	server.await(t, "/api/health")
	wallets := "http://127.0.0.1:" + port
	if _, err := doSessions(t.Context(), server.url+"/api/"); err != nil {
		t.Error(err)
	}
	const session = "aaaaaaaaaaaaaaaaaaaa"
	for path, want := range map[string]struct{ server, client int }{
		"/api/health":                              {200, 404},
		"/api/publickey":                           {501, 404},
		"/api/openapi.json":                        {200, 404},
		"/api/session/" + session + "/status":      {400, 404},
		"/api/irma/session/" + session + "/status": {404, 400},
		"/api/":          {404, 200},
		"/api/sub/a.txt": {404, 200},
		"/":              {404, 404},
	} {
		atServer, _ := get(t.Context(), server.url+path)
		atClient, _ := get(t.Context(), wallets+path)
		if atServer != want.server || atClient != want.client {
			t.Errorf("%s: status %d and %d, want %d and %d", path, atServer, atClient, want.server, want.client)
		}
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d; it wrote %s", code, &server.stderr)
	}
	if log := server.stderr.String(); !strings.Contains(log, "http://127.0.0.1:"+port+"/api/irma/") || strings.Count(log, "listening") != 2 {
		t.Errorf("log:\n%s", log)
	}
}

// TestClientPortInUse finds one of two ports taken.
func TestClientPortInUse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	var stderr strings.Builder
	p := &process{Process: cli.Process{Args: []string{"serve", "-l=127.0.0.1", "-p", anotherPort(t), "--client-listen-addr=127.0.0.1", "--client-port", port}, Stdout: &stderr, Stderr: &stderr}}
	if code := run(t.Context(), p); code != cli.ExitFailed || !strings.Contains(stderr.String(), "--client-port") {
		t.Errorf("exit status %d: %s", code, &stderr)
	}
}

// newSite returns a directory with files to serve.
func newSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, contents := range map[string]string{
		"index.html": "home", "sub/a.txt": "a", "page/index.html": "page", ".env": "secret", ".git/config": "secret", ".well-known/b": "b",
		"health": "not me", "session/x": "not me",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(contents), 0o600))
	}
	outside := write(t, "outside", "outside")
	must(t, os.Symlink(outside, filepath.Join(dir, "link")))
	must(t, os.Symlink("sub", filepath.Join(dir, "inside")))
	return dir
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	server := start(t, "--static-path", newSite(t), "--api-prefix=/api/", "--static-prefix=/web")
	server.await(t, "/api/health")
	for path, want := range map[string]string{
		"/api/web/":              "home",
		"/api/web/sub/a.txt":     "a",
		"/api/web/inside/a.txt":  "a",
		"/api/web/page":          "page", // redirected
		"/api/web/index.html":    "home",
		"/api/web/.well-known/b": "b",
		"/api/web/sub/":          "", // no listing
		"/api/web/.env":          "",
		"/api/web/.git/config":   "",
		"/api/web/link":          "",
		"/api/web/../../passwd":  "",
		"/web/":                  "",
		"/":                      "",
	} {
		status, body := get(t.Context(), server.url+path)
		if want == "" && status != http.StatusNotFound || want != "" && (status != http.StatusOK || body != want) {
			t.Errorf("%s: status %d, %q, want %q", path, status, body, want)
		}
	}
	c := newClient(t, server.url)
	for method, want := range map[string]int{"HEAD": 200, "POST": 405, "DELETE": 405} {
		if resp, _ := c.request(method, "/api/web/sub/a.txt", ""); resp.StatusCode != want {
			t.Errorf("%s: %s", method, resp.Status)
		}
	}
	server.stop()

	server = start(t, "--static-path", newSite(t))
	server.await(t, "/health")
	for path, want := range map[string]string{"/": "home", "/health": "OK", "/sub/a.txt": "a"} {
		if _, body := get(t.Context(), server.url+path); body != want {
			t.Errorf("%s: %q, want %q", path, body, want)
		}
	}
	if status, body := get(t.Context(), server.url+"/session/x"); status == http.StatusOK {
		t.Errorf("a file took the place of an endpoint: %s", body)
	}
	server.stop()
}
