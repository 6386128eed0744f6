package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/jwt"
)

// awaitBody asks until the body is this.
func (c *client) awaitBody(path, want string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		_, body := c.request(http.MethodGet, path, "")
		if body == want {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("%s stays %s", path, body)
		}
	}
}

// TestReloadJWTKey replaces the key that signs results: sessions from before are
// signed with the new one.
func TestReloadJWTKey(t *testing.T) {
	t.Parallel()
	first, firstText := newKey(t)
	second, secondText := newKey(t)
	path := write(t, "results.pem", firstText)
	server := startWatching(t, 10*time.Millisecond, nil, "--jwt-privkey-file", path, "--jwt-issuer=me")
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.perform(c.begin(ageIssuance).SessionPtr)
	pkg := c.begin(ageRequest)
	c.perform(pkg.SessionPtr)
	c.awaitBody("/publickey", publicPEM(t, first))
	overwrite(t, path, "not a key")
	must(t, os.Remove(path))
	overwrite(t, path, secondText)
	c.awaitBody("/publickey", publicPEM(t, second))
	_, result := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/result-jwt", "")
	checkSigned(t, result, second, "me")
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
	if log := server.stderr.String(); strings.Contains(log, "need a restart") || strings.Contains(log, "PRIVATE KEY") || !strings.Contains(log, "keys and certificates reloaded") {
		t.Errorf("log:\n%s", log)
	}
}

// TestReloadMetrics counts reloads, and those that fail: also one that would
// turn signing off.
func TestReloadMetrics(t *testing.T) {
	t.Parallel()
	_, text := newKey(t)
	key := write(t, "results.pem", text)
	path := write(t, "irmad.yaml", "jwt_privkey_file: "+key+"\n")
	server := launch(t, "-c", path)
	hangup := func(contents, want string) {
		t.Helper()
		overwrite(t, path, contents)
		must(t, server.cmd.Process.Signal(syscall.SIGHUP))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := awaitText(ctx, server.admin+"/metrics", want); err != nil {
			t.Errorf("no %s: %v", want, err)
		}
	}
	_, figures := get(t.Context(), server.admin+"/metrics")
	if at := figure(t, figures, "irmad_config_last_reload_success_timestamp_seconds"); time.Since(time.Unix(int64(at), 0)) > time.Hour {
		t.Errorf("the first configuration is of %v", at)
	}
	hangup("jwt_privkey_file: "+key+"\ndisclose_perms: []\n", `irmad_config_reloads_total{outcome="used"} 1`)
	hangup("disclose_perms: []\n", `irmad_config_reloads_total{outcome="failed"} 1`)
	hangup("nothing\n", "irmad_config_last_reload_successful 0")
	hangup("jwt_privkey_file: "+key+"\n", "irmad_config_last_reload_successful 1")
	must(t, server.cmd.Process.Signal(os.Interrupt))
	must(t, server.cmd.Wait())
	if log := server.log.String(); !strings.Contains(log, "signing them no more, needs a restart") {
		t.Errorf("log:\n%s", log)
	}
}

// TestReloadKeepsReplays sends a JWT before a reload and after it.
func TestReloadKeepsReplays(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	path := write(t, "requestors.json", `{"no_auth": false, "requestors": `+requestorsJSON(t, state)+`}`)
	server := startWatching(t, 10*time.Millisecond, nil, "-c", path)
	server.await(t, "/health")
	token, err := jwt.SignHMAC(payload("City", claims{"jti": "once"}), []byte(citySeal))
	must(t, err)
	once := attempt{"text/plain", "", token, 200, "", ""}
	once.check(t, server.url)
	c := newClient(t, server.url)
	overwrite(t, path, `{"no_auth": false, "requestors": {"App": {"auth_method": "token", "key": "`+shopToken+`"}}}`)
	c.awaitStatus(appToken, http.StatusForbidden)
	overwrite(t, path, `{"no_auth": false, "requestors": `+requestorsJSON(t, state)+`}`)
	c.awaitStatus(appToken, http.StatusOK)
	attempt{"text/plain", "", token, 403, "UNAUTHORIZED", "jwt was used before"}.check(t, server.url)
	server.stop()
}

// meddler replaces a file while the log tells of a reload.
type meddler struct {
	mu   sync.Mutex // guards what follows
	log  strings.Builder
	when string // part of the line that starts it
	what func()
}

func (m *meddler) Write(line []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.when != "" && strings.Contains(string(line), m.when) {
		m.what()
		m.when = ""
	}
	return m.log.Write(line)
}

// TestReloadDuringReload changes a key file after it has been read and before
// the reload has ended, without another signal.
func TestReloadDuringReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key := filepath.Join(dir, "token")
	must(t, os.WriteFile(key, []byte(appToken), 0o600))
	m := &meddler{when: "key strange in", what: func() { overwrite(t, key, shopToken) }}
	path := write(t, "irmad.yaml", strings.Replace(appFile, "key: TOKEN", "key_file: "+key, 1))
	server := startLogging(t, m, 10*time.Millisecond, nil, "-c", path)
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.awaitStatus(appToken, http.StatusOK)
	overwrite(t, path, strings.Replace(appFile, "key: TOKEN", "key_file: "+key, 1)+"strange: 1\n")
	c.awaitStatus(shopToken, http.StatusOK)
	server.stop()
}

// TestReloadAfterMistake corrects a file that only the configuration that was
// refused names.
func TestReloadAfterMistake(t *testing.T) {
	t.Parallel()
	key := filepath.Join(t.TempDir(), "token")
	path := write(t, "irmad.yaml", strings.Replace(appFile, "TOKEN", appToken, 1))
	m := &meddler{when: "the new configuration is not used", what: func() { must(t, os.WriteFile(key, []byte(shopToken), 0o600)) }}
	server := startLogging(t, m, 10*time.Millisecond, nil, "-c", path)
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.awaitStatus(appToken, http.StatusOK)
	overwrite(t, path, strings.Replace(appFile, "key: TOKEN", "key_file: "+key, 1))
	c.awaitStatus(shopToken, http.StatusOK)
	server.stop()
}
