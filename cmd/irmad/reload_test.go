package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

const appFile = `no_auth: false
requestors:
  App: {auth_method: token, key: TOKEN}
`

// awaitStatus starts sessions with a token until the answer has this status.
func (c *client) awaitStatus(token string, want int) {
	c.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(20 * time.Second)
	for {
		resp, body := c.request(http.MethodPost, "/session", ageRequest, "Authorization", token)
		if resp.StatusCode == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			c.t.Fatalf("the answer stays %s: %s", resp.Status, body)
		}
	}
}

func overwrite(t *testing.T, path, contents string) {
	t.Helper()
	must(t, os.WriteFile(path+".new", []byte(contents), 0o600))
	must(t, os.Rename(path+".new", path))
}

// TestReload changes requestors while the server runs.
func TestReload(t *testing.T) {
	t.Parallel()
	file := func(token string) string { return strings.Replace(appFile, "TOKEN", token, 1) }
	for name, watch := range map[string]time.Duration{"signal": time.Hour, "file": 10 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, "irmad.yaml", file(appToken))
			server := startWatching(t, watch, nil, "-c", path)
			server.await(t, "/health")
			change := func(contents string) {
				overwrite(t, path, contents)
				if watch == time.Hour {
					server.reload <- syscall.SIGHUP
				}
			}
			c := newClient(t, server.url)
			pkg := c.beginAs(appToken, ageRequest)
			c.awaitStatus(shopToken, http.StatusForbidden)
			change(file(shopToken) + "jwt_issuer: me\n")
			c.awaitStatus(shopToken, http.StatusOK)
			c.awaitStatus(appToken, http.StatusForbidden)
			if resp, body := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/status", ""); resp.StatusCode != http.StatusOK {
				t.Errorf("a session from before: %s %s", resp.Status, body)
			}

			wrong := []string{"]", "", "no_auth: true", "no_auth: false\n", strings.Replace(file(appToken), "requestors", "reqestors", 1), file(appToken) + "disclose_perms: [nothing.*]\n", file(appToken) + "production: true\n", file(appToken) + "strict: true\nx: 1\n"}
			if watch != time.Hour {
				wrong = nil // nothing tells when it has been looked at
			}
			for _, contents := range wrong {
				change(contents)
				server.reload <- syscall.SIGHUP // is taken when the first has been dealt with
				c.awaitStatus(appToken, http.StatusForbidden)
				c.awaitStatus(shopToken, http.StatusOK)
			}
			change(file(appToken))
			c.awaitStatus(appToken, http.StatusOK)
			if code := server.stop(); code != cli.ExitOK {
				t.Errorf("exit status %d", code)
			}
			log := server.stderr.String()
			for _, want := range []string{"requestors, keys and certificates reloaded", `some changed options need a restart {"options": ["jwt_issuer"]}`} {
				if !strings.Contains(log, want) {
					t.Errorf("log does not tell %q:\n%s", want, log)
				}
			}
			if wrong != nil && !strings.Contains(log, `not known and has no effect; did you mean "requestors"?`) {
				t.Errorf("log does not tell of a misspelled key:\n%s", log)
			}
			if n := strings.Count(log, "the new configuration is not used, the old one stays"); n < len(wrong) {
				t.Errorf("%d of %d wrong configurations in the log:\n%s", n, len(wrong), log)
			}
		})
	}
}

// TestReloadKeyFile changes a file that the configuration names.
func TestReloadKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "token")
	must(t, os.WriteFile(key, []byte(appToken+"\n"), 0o600))
	server := startWatching(t, 10*time.Millisecond, []string{`IRMASERVER_REQUESTORS={"App":{"auth_method":"token","key_file":"` + key + `"}}`}, "--no-auth=false")
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.awaitStatus(appToken, http.StatusOK)
	must(t, os.Remove(key))
	c.awaitStatus(appToken, http.StatusOK)
	overwrite(t, key, shopToken)
	c.awaitStatus(shopToken, http.StatusOK)
	c.awaitStatus(appToken, http.StatusForbidden)
	server.stop()
}

// TestReloadWithoutFile removes the only file with requestors in it.
func TestReloadWithoutFile(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, ".irmaserver", "irmaserver.yaml")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, []byte(strings.Replace(appFile, "TOKEN", appToken, 1)), 0o600))
	server := startWatching(t, time.Hour, []string{"HOME=" + home})
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.awaitStatus(appToken, http.StatusOK)
	must(t, os.Remove(path))
	server.reload <- syscall.SIGHUP
	server.reload <- syscall.SIGHUP // is taken when the first has been dealt with
	c.awaitStatus(shopToken, http.StatusForbidden)
	c.awaitStatus(appToken, http.StatusOK)
	server.stop()
	if log := server.stderr.String(); !strings.Contains(log, "the configuration file was") {
		t.Errorf("log:\n%s", log)
	}
}
