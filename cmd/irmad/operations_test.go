package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
)

func TestAdmin(t *testing.T) {
	t.Parallel()
	server := launch(t, "--api-prefix", "/")
	if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/health":       "OK",
		"/ready":        `{"ready":true,"components":{"issuer_keys":{"state":"ok"},"schemes":{"state":"ok"},"serving":{"state":"ok"},"store":{"state":"ok"}}}`,
		"/openapi.json": `"openapi": "3.1.0"`,
		"/metrics":      `irmad_sessions_total{proof_status="VALID",requestor="",status="DONE",type="disclosing"} 1`,
	} {
		status, body := get(t.Context(), server.admin+path)
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d %s, want %s", path, status, body, want)
		}
	}
	if status, _ := get(t.Context(), server.admin+"/session/01234567890123456789/status"); status != http.StatusNotFound {
		t.Errorf("sessions at the admin port: %d", status)
	}
	if status, _ := get(t.Context(), server.url+"/metrics"); status != http.StatusNotFound {
		t.Errorf("GET /metrics at the public port: %d", status)
	}
	if status, body := get(t.Context(), server.url+"/openapi.json"); status != http.StatusOK || !strings.Contains(body, `"openapi": "3.1.0"`) {
		t.Errorf("GET /openapi.json where requestors look: %d %s", status, body)
	}
	if status, body := get(t.Context(), server.url+"/ready"); status != http.StatusOK || body != "{\"ready\":true}\n" {
		t.Errorf("GET /ready at the public port: %d %s", status, body)
	}
}

func TestOperationSettings(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"admin_port must be between 0 and 65535 (was 65536)":               {"--admin-port", "65536"},
		"if admin_port is given it must be different from the other ports": {"--admin-port", "8088"},
		"admin_listen_addr must be combined with a nonzero admin_port":     {"--admin-listen-addr", "127.0.0.1"},
		"shutdown_delay must be between 0 and 86400 seconds (was -1)":      {"--shutdown-delay", "-1"},
		"shutdown_timeout must be between 1 and 86400 seconds (was 0)":     {"--shutdown-timeout", "0"},
		"address_rate_limit must not be negative (was -5)":                 {"--address-rate-limit", "-5"},
		`trusted_proxies: "localhost" is neither an address nor a range`:   {"--trusted-proxies", "localhost"},
		`trusted_proxies: "10.0.0.0/99" is neither an address nor a range`: {"--trusted-proxies", "10.0.0.0/99"},
	} {
		var stderr strings.Builder
		p := &process{Process: cli.Process{Args: append([]string{"check"}, args...), Env: []string{"HOME=" + t.TempDir()}, Stdout: &stderr, Stderr: &stderr}}
		if code := run(t.Context(), p); code != cli.ExitFailed || !strings.Contains(stderr.String(), want) {
			t.Errorf("%v: exit status %d, want %q in\n%s", args, code, want, &stderr)
		}
	}
}

// post starts a session as somebody whom a proxy forwards.
func post(t *testing.T, url, forwarded string, request any) *http.Response {
	t.Helper()
	var body strings.Builder
	if request != nil {
		if err := json.NewEncoder(&body).Encode(request); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body.String()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", forwarded)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func TestLimits(t *testing.T) {
	t.Parallel()
	request := irma.NewDisclosureRequest(demoAttribute)
	static := `{"login": {"callbackUrl": "http://127.0.0.1:1/", "request": {"@context": "` + irma.ContextDisclosureRequest + `", "disclose": [[["` + string(demoAttribute) + `"]]]}}}`
	const alice, bob = "192.0.2.1", "192.0.2.2"
	tests := []struct {
		name   string
		args   []string
		path   string
		from   []string
		limit  string
		status []int
	}{
		{"no limits", nil, "session", []string{alice, alice, alice}, "", []int{200, 200, 200}},
		{"rate of an address", []string{"--address-rate-limit", "1"}, "session", []string{alice, alice, bob}, "address_rate", []int{200, 429, 200}},
		{"sessions of an address", []string{"--address-max-sessions", "1"}, "session", []string{alice, alice, bob}, "address_sessions", []int{200, 429, 200}},
		{"sessions of nobody", []string{"--anonymous-max-sessions", "1"}, "session", []string{alice, bob}, "anonymous_sessions", []int{200, 429}},
		{"another spelling", nil, "irma/x/session/login", []string{alice}, "", []int{404}},
		{"and another", nil, "session/session/", []string{alice}, "", []int{404}},
		{"static sessions", []string{"--static-rate-limit", "1"}, "irma/session/login", []string{alice, alice, bob}, "static_rate", []int{200, 429, 200}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := launch(t, append(tc.args, "--trusted-proxies", "127.0.0.0/8", "--static-sessions", static, "--allow-unsigned-callbacks")...)
			var got []int
			for _, address := range tc.from {
				resp := post(t, server.url+"/"+tc.path, address, request)
				got = append(got, resp.StatusCode)
				if resp.StatusCode != http.StatusTooManyRequests {
					continue
				}
				var refusal irma.Error
				if err := json.NewDecoder(resp.Body).Decode(&refusal); err != nil || refusal.Name != irma.ErrTooManyRequests.Name || resp.Header.Get("Retry-After") == "" {
					t.Errorf("refused with %+v, %v, headers %v", refusal, err, resp.Header)
				}
			}
			if diff := cmp.Diff(tc.status, got); diff != "" {
				t.Errorf("statuses (-want +got):\n%s", diff)
			}
			if _, figures := get(t.Context(), server.admin+"/metrics"); tc.limit != "" && figure(t, figures, `irmad_limited_total{limit="`+tc.limit+`"}`) != 1 {
				t.Error("the refusal was not counted")
			}
		})
	}
}

// A session that ends makes room for another.
func TestLimitOfOpenSessions(t *testing.T) {
	t.Parallel()
	server := launch(t, "--anonymous-max-sessions", "1")
	for range 3 { // each is an issuance and a disclosure
		if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSystemd(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	address := &net.UnixAddr{Name: filepath.Join(folder, "s"), Net: "unixgram"}
	conn, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Skip("no datagram sockets: ", err)
	}
	defer conn.Close()
	server := startIn(t, []string{"NOTIFY_SOCKET=" + address.Name})
	expect := func(want string) {
		t.Helper()
		buffer := make([]byte, 100)
		if n, err := conn.Read(buffer); err != nil || string(buffer[:n]) != want {
			t.Errorf("got %q, %v; want %q", buffer[:n], err, want)
		}
	}
	expect("READY=1")
	if status, _ := get(context.WithoutCancel(t.Context()), server.url+"/health"); status != http.StatusOK {
		t.Errorf("ready, but health is %d", status)
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
	expect("STOPPING=1")
}
