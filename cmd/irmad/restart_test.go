package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/storage"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// interrupted does something before each request.
type interrupted struct {
	before func(*http.Request)
	next   http.RoundTripper
}

func (i *interrupted) RoundTrip(r *http.Request) (*http.Response, error) {
	i.before(r)
	return i.next.RoundTrip(r)
}

// interruptible returns a wallet like that of a client, that calls before each of
// its requests.
func interruptible(t *testing.T, before func(*http.Request)) *wallet.Wallet {
	t.Helper()
	schemes, err := demo.Set()
	must(t, err)
	next := &http.Transport{DisableKeepAlives: true} // no connection outlives the server
	w, err := wallet.New(schemes, wallet.Config{HTTPClient: &http.Client{Transport: &interrupted{before, next}}})
	must(t, err)
	return w
}

// secretAttribute is a value to look for in the file.
const secretAttribute = "secret-attribute-value"

// TestRestart kills irmad before each request of a wallet, once in the middle of
// an issuance and of a disclosure, and starts it again. The wallet finishes, and
// the result is there.
func TestRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	server := launch(t, "--store-type=file", "--store-path="+path, "--store-keys="+storeKey(7))
	c := newClient(t, server.url)
	c.http = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	restarts := 0
	c.wallet = interruptible(t, func(*http.Request) {
		server.restart(t)
		restarts++
	})
	issuance := strings.Replace(ageIssuance, `"over21":"no"`, `"over21":"`+secretAttribute+`"`, 1)
	disclosure := strings.Replace(ageRequest, "over18", "over21", 1)
	issued, disclosed := c.begin(issuance), c.begin(disclosure)
	c.perform(issued.SessionPtr)
	c.perform(disclosed.SessionPtr)
	server.restart(t)
	for _, token := range []irma.RequestorToken{issued.Token, disclosed.Token} {
		_, body := c.request(http.MethodGet, "/session/"+string(token)+"/result", "")
		var result irma.SessionResult
		if err := json.Unmarshal([]byte(body), &result); err != nil || result.ProofStatus != irma.ProofValid {
			t.Errorf("result after the restart: %s", body)
		}
	}
	if restarts < 4 {
		t.Errorf("%d restarts amid two sessions", restarts)
	}
	if found := readable(t, path, issued, disclosed); len(found) > 0 {
		t.Errorf("readable in the file: %q", found)
	}
}

// readable returns what can be read in a file of what these sessions, whose
// attribute had the value secretAttribute, should keep to themselves.
func readable(t *testing.T, path string, sessions ...*irma.SessionPackage) (found []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	secrets := []string{secretAttribute, "over21", "irmad-demo", base64.StdEncoding.EncodeToString([]byte(secretAttribute))[:24]}
	for _, s := range sessions {
		client := s.SessionPtr.URL[strings.LastIndex(s.SessionPtr.URL, "/")+1:]
		secrets = append(secrets, string(s.Token), client, string(s.FrontendRequest.Authorization))
	}
	for _, secret := range secrets {
		if len(secret) < 6 {
			t.Fatalf("%q is too short to look for", secret)
		}
		if bytes.Contains(data, []byte(secret)) {
			found = append(found, secret)
		}
	}
	return found
}

// TestUnencrypted shows that the search of TestRestart finds what is not
// encrypted, and that a warning tells of it.
func TestUnencrypted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	server := launch(t, "--store-type=file", "--store-path="+path)
	c := newClient(t, server.url)
	c.perform(c.begin(strings.Replace(ageIssuance, `"over21":"no"`, `"over21":"`+secretAttribute+`"`, 1)).SessionPtr)
	disclosed := c.begin(strings.Replace(ageRequest, "over18", "over21", 1))
	c.perform(disclosed.SessionPtr)
	must(t, server.cmd.Process.Kill())
	_ = server.cmd.Wait() // says that it was killed
	if found := readable(t, path, disclosed); len(found) < 6 {
		t.Errorf("only %q is readable in the file", found)
	}
	if log := server.log.String(); !strings.Contains(log, "sessions are stored unencrypted") {
		t.Errorf("no warning in\n%s", log)
	}
}

// TestRestartCallback checks that a result whose receiver was away is posted by
// the process after the one in which the session ended.
func TestRestartCallback(t *testing.T) {
	t.Parallel()
	var open atomic.Bool
	posted := make(chan irma.RequestorToken, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		var result irma.SessionResult
		if err := json.NewDecoder(r.Body).Decode(&result); err != nil || result.ProofStatus != irma.ProofValid {
			t.Errorf("posted %+v, %v", result, err)
		}
		posted <- result.Token
	}))
	t.Cleanup(receiver.Close)
	server := launch(t, "--store-type=file", "--store-path="+filepath.Join(t.TempDir(), "sessions.db"),
		"--store-keys="+storeKey(7), "--allow-unsigned-callbacks")
	c := newClient(t, server.url)
	request, err := json.Marshal(map[string]any{"callbackUrl": receiver.URL, "request": json.RawMessage(ageIssuance)})
	must(t, err)
	session := c.begin(string(request))
	c.perform(session.SessionPtr)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	must(t, awaitText(ctx, server.admin+"/metrics", `irmad_callback_attempts_total{outcome="failed"`))
	open.Store(true)
	server.restart(t)
	select {
	case token := <-posted:
		if token != session.Token {
			t.Errorf("posted the result of %s, not of %s", token, session.Token)
		}
	case <-ctx.Done():
		t.Fatal("the result was not posted")
	}
}

// TestStoreInUse starts a second irmad on the same file, which must say what is
// the matter, and checks the configuration meanwhile.
func TestStoreInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	args := []string{"--store-type=file", "--store-path=" + path, "--store-keys=" + storeKey(7)}
	server := launch(t, args...)
	second := &process{Process: cli.Process{Args: args, Env: []string{"HOME=" + t.TempDir(), offline}, Stderr: new(bytes.Buffer)}}
	if _, _, err := configure(second, false); err == nil || !strings.Contains(err.Error(), path+" is in use by another process") {
		t.Errorf("a second server on the file: %v", err)
	}
	if _, a, err := configure(second, true); err != nil {
		t.Errorf("check beside a server: %v", err)
	} else {
		must(t, a.close())
	}
	if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
		t.Errorf("sessions of the first: %v", err)
	}
}

// TestStoreAnswers checks that a store that cannot write is not ready, though it
// can be read.
func TestStoreAnswers(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	a, err := newApp(settingsOf(t, nil, nil), &process{Process: cli.Process{Env: []string{"HOME=" + t.TempDir(), offline}}}, zap.NewNop(), true)
	must(t, err)
	defer func() { must(t, a.close()) }()
	for name, tt := range map[string]struct {
		store *storage.Sessions
		want  error
	}{
		"memory": {&storage.Sessions{}, nil},
		"well":   {&storage.Sessions{Ping: func(context.Context) error { return nil }}, nil},
		"full":   {&storage.Sessions{Ping: func(context.Context) error { return full }}, full},
	} {
		if err := storeAnswers(a.irma, tt.store)(t.Context()); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}
