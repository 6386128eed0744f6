package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

// A default port that is taken makes place for a free one; a port that was asked
// for does not.
func TestListenSomewhere(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for origin, moves := range map[string]bool{"default": true, "flag --port": false} {
		s := settingsOf(t, []string{"-l", "127.0.0.1"}, nil)
		if s.Port = port; !moves {
			s = settingsOf(t, []string{"-l", "127.0.0.1", "-p", strconv.Itoa(port)}, nil)
		}
		listener, moved, err := listenSomewhere(t.Context(), s)
		if (err == nil) != moves || moved != moves {
			t.Errorf("port from %s: moved %t, error %v", origin, moved, err)
		}
		if err != nil {
			continue
		}
		localDefaults(s, listener.Addr())
		if got := listener.Addr().(*net.TCPAddr).Port; s.Port != got || got == port {
			t.Errorf("settings have port %d, listening at %d", s.Port, got)
		}
		listener.Close()
	}
}

func TestLocalDefaults(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"":          "http://localhost:4711/x/irma/",
		"0.0.0.0":   "http://localhost:4711/x/irma/",
		"::":        "http://localhost:4711/x/irma/",
		"127.0.0.1": "http://127.0.0.1:4711/x/irma/",
		"::1":       "http://[::1]:4711/x/irma/",
		"192.0.2.7": "http://192.0.2.7:4711/x/irma/",
	} {
		s := &config.Settings{ListenAddr: addr, APIPrefix: "/x/", NoAuth: true}
		must(t, s.CheckDevelopment())
		localDefaults(s, &net.TCPAddr{Port: 4711})
		if _, err := s.CompleteURL(); err != nil || s.URL != want {
			t.Errorf("listening at %q: URL %s, error %v, want %s", addr, s.URL, err, want)
		}
	}
}

func TestPhoneAddresses(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]int{"127.0.0.1": 0, "::1": 0, "localhost": 0, "192.0.2.7": 1} {
		s := &config.Settings{ListenAddr: addr, Port: 4711, APIPrefix: "/"}
		if got := phoneAddresses(s); len(got) != want {
			t.Errorf("listening at %s: addresses %v, want %d", addr, got, want)
		} else if want == 1 && got[0].URL != "http://192.0.2.7:4711/irma/" {
			t.Errorf("listening at %s: address %v", addr, got[0])
		}
	}
	s := &config.Settings{Port: 4711, APIPrefix: "/"}
	for _, a := range phoneAddresses(s) { // as many as this machine has
		host, _, err := net.SplitHostPort(a.URL[len("http://") : len(a.URL)-len("/irma/")])
		if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsLoopback() {
			t.Errorf("address %v", a)
		}
	}
}

// Wallets reach this server, whatever the host in a session's URL is.
func TestOwnServer(t *testing.T) {
	t.Parallel()
	var host string
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { host = r.Host })
	plain, encrypted := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer encrypted.Close()
	for _, server := range []*httptest.Server{plain, encrypted} {
		s := &config.Settings{Port: server.Listener.Addr().(*net.TCPAddr).Port, APIPrefix: "/"}
		if server == encrypted {
			s.TLSCertFile, s.TLSPrivkeyFile = "cert.pem", "key.pem"
		}
		client := &http.Client{Transport: newOwnServer(s)}
		for _, url := range []string{"http://192.0.2.7:1/irma", "https://tunnel.example.com/"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Errorf("%s: %v", url, err)
				continue
			}
			resp.Body.Close()
			if host != req.URL.Host {
				t.Errorf("%s: arrived for host %s", url, host)
			}
		}
		client.CloseIdleConnections()
	}
}

// The page is for developers only; serve mentions the command that has it.
func TestNoPageInServe(t *testing.T) {
	t.Parallel()
	server := launch(t)
	for _, path := range []string{"/", "/dev", "/dev/", "/dev/main.js", "/dev/api/info", "/dev/api/catalogue"} {
		if status, body := get(t.Context(), server.url+path); status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
