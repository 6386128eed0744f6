package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

// fullStore names the store of a process whose files may not grow.
const fullStore = "IRMAD_TEST_FULL_STORE"

// TestStoreFull has the file of the sessions find no more room, in a process with a
// limit on the size of files: sessions cannot be started and irmad is not ready.
// When there is room again it goes on, with the sessions from before.
func TestStoreFull(t *testing.T) {
	t.Parallel()
	path := os.Getenv(fullStore)
	if path == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStoreFull$", "-test.v")
		cmd.Env = append(os.Environ(), fullStore+"="+filepath.Join(t.TempDir(), "sessions.db"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	server := start(t, "-q", "--store-type=file", "--store-path="+path, "--store-keys="+storeKey(1))
	defer server.stop()
	server.await(t, "/ready")
	c := newClient(t, server.url)
	session := c.begin(ageIssuance)
	info, err := os.Stat(path)
	must(t, err)
	limitFiles(t, uint64(info.Size()))
	started := 0
	resp, body := c.request(http.MethodPost, "/session", ageIssuance)
	for ; resp.StatusCode == http.StatusOK && started < 1000; started++ {
		resp, body = c.request(http.MethodPost, "/session", ageIssuance)
	}
	var told irma.Error
	must(t, json.Unmarshal([]byte(body), &told))
	if resp.StatusCode != http.StatusServiceUnavailable || !told.Is(irma.ErrUnavailable) || resp.Header.Get("Retry-After") == "" {
		t.Errorf("after %d sessions: status %d, Retry-After %q, %s", started, resp.StatusCode, resp.Header.Get("Retry-After"), body)
	}
	awaitStatus(t, server.url+"/ready", http.StatusServiceUnavailable)
	if resp, body := c.request(http.MethodGet, "/session/"+string(session.Token)+"/status", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("a session from before: status %d, %s", resp.StatusCode, body)
	}

	limitFiles(t, 1<<30)
	awaitStatus(t, server.url+"/ready", http.StatusOK)
	c.perform(session.SessionPtr)
	c.perform(c.begin(ageRequest).SessionPtr)
}

// limitFiles bounds the size of the files that this process writes.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	var now syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now))
	now.Cur = size
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
}
