package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// issue returns a certificate for this machine and its key, in PEM.
func issue(t *testing.T, serial int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "irmad"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), encodeKey(t, private)
}

// trusting returns a client that trusts the certificate.
func trusting(cert string, change func(*tls.Config)) *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	cfg := &tls.Config{RootCAs: pool}
	if change != nil {
		change(cfg)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true, DisableKeepAlives: true}}
}

// ask returns the answer to a GET with its body closed.
func ask(ctx context.Context, client *http.Client, url string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

// awaitTLS asks until the server answers a client.
func awaitTLS(t *testing.T, client *http.Client, url string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		resp, _, err := ask(ctx, client, url)
		if err == nil {
			return resp
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waiting for TLS: %v", err)
		}
	}
}

// TestTLS replaces the certificate of a running server.
func TestTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	first, firstKey := issue(t, 1)
	must(t, os.WriteFile(certFile, []byte(first), 0o600))
	must(t, os.WriteFile(keyFile, []byte(firstKey), 0o600))
	server := startWatching(t, time.Hour, nil, "--tls-cert-file", certFile, "--tls-privkey-file", keyFile)
	url := strings.Replace(server.url, "http://", "https://", 1) + "/health"

	resp := awaitTLS(t, trusting(first, nil), url)
	if resp.ProtoMajor != 2 || resp.TLS.Version != tls.VersionTLS13 {
		t.Errorf("protocol %s, TLS version %x", resp.Proto, resp.TLS.Version)
	}
	for name, tt := range map[string]struct {
		change func(*tls.Config)
		ok     bool
	}{
		"P-256":   {func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP256} }, true},
		"X25519":  {func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519} }, true},
		"hybrid":  {func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768} }, true},
		"TLS 1.2": {func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, true},
		"TLS 1.1": {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, false},
		"RSA exchange": {func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
		}, false},
		"CBC": {func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		}, false},
	} {
		if _, _, err := ask(t.Context(), trusting(first, tt.change), url); (err == nil) != tt.ok {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	if status, body := get(t.Context(), server.url+"/health"); status != http.StatusBadRequest || !strings.Contains(body, "HTTPS") {
		t.Errorf("without TLS: status %d, %s", status, body)
	}

	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.url, "http://"))
	must(t, err)
	var stderr strings.Builder
	healthcheck := &process{Process: cli.Process{Args: []string{"healthcheck", "-l=127.0.0.1", "-p", port, "--tls-cert-file", certFile, "--tls-privkey-file", keyFile}, Stdout: &stderr, Stderr: &stderr}}
	if code := run(t.Context(), healthcheck); code != cli.ExitOK {
		t.Errorf("healthcheck: exit status %d: %s", code, &stderr)
	}

	second, secondKey := issue(t, 2)
	overwrite(t, certFile, second) // with the key of the first
	server.reload <- syscall.SIGHUP
	awaitTLS(t, trusting(first, nil), url)
	overwrite(t, keyFile, secondKey)
	server.reload <- syscall.SIGHUP
	if resp := awaitTLS(t, trusting(second, nil), url); resp.TLS.PeerCertificates[0].SerialNumber.Int64() != 2 {
		t.Errorf("serial %d after the reload", resp.TLS.PeerCertificates[0].SerialNumber)
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d; it wrote %s", code, &server.stderr)
	}
	if log := server.stderr.String(); !strings.Contains(log, `"url": "https://127.0.0.1:`) || strings.Contains(log, "PRIVATE KEY") || strings.Contains(log, "handshake") {
		t.Errorf("log:\n%s", log)
	}
}

// TestStreamOverHTTP2 reads events through TLS and HTTP/2.
func TestStreamOverHTTP2(t *testing.T) {
	t.Parallel()
	cert, key := issue(t, 1)
	server := start(t, "--tls-cert", cert, "--tls-privkey", key)
	url := strings.Replace(server.url, "http://", "https://", 1)
	https := trusting(cert, nil)
	awaitTLS(t, https, url+"/health")
	c := newClient(t, url)
	c.http = https
	pkg := c.begin(ageRequest)
	type answer struct {
		resp *http.Response
		body string
		err  error
	}
	events := make(chan answer, 1)
	go func() {
		resp, body, err := ask(t.Context(), https, url+"/session/"+string(pkg.Token)+"/statusevents")
		events <- answer{resp, body, err}
	}()
	c.request(http.MethodDelete, "/session/"+string(pkg.Token), "")
	got := <-events
	must(t, got.err)
	if got.resp.ProtoMajor != 2 || got.resp.StatusCode == http.StatusOK && !strings.Contains(got.body, `"CANCELLED"`) {
		t.Errorf("%s %s: %s", got.resp.Proto, got.resp.Status, got.body)
	}
	server.stop()
}

// TestDoubleTLS has a certificate at each port, of which that for wallets is
// replaced while the server runs.
func TestDoubleTLS(t *testing.T) {
	t.Parallel()
	dir, clientPort := t.TempDir(), anotherPort(t)
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert, key := issue(t, 1)
	walletCert, walletKey := issue(t, 2)
	must(t, os.WriteFile(certFile, []byte(walletCert), 0o600))
	must(t, os.WriteFile(keyFile, []byte(walletKey), 0o600))
	server := startWatching(t, 10*time.Millisecond, nil, "--tls-cert", cert, "--tls-privkey", key,
		"--client-port", clientPort, "--client-listen-addr=127.0.0.1", "--client-tls-cert-file", certFile, "--client-tls-privkey-file", keyFile)
	url, wallets := strings.Replace(server.url, "http://", "https://", 1), "https://127.0.0.1:"+clientPort
	awaitTLS(t, trusting(cert, nil), url+"/health")
	c := newClient(t, url)
	c.http = trusting(cert, nil)
	pkg := c.begin(ageRequest)
	if !strings.HasPrefix(pkg.SessionPtr.URL, wallets+"/irma/session/") {
		t.Errorf("session pointer %s", pkg.SessionPtr.URL)
	}
	if _, _, err := ask(t.Context(), trusting(cert, nil), pkg.SessionPtr.URL+"/status"); err == nil {
		t.Error("wallets get the certificate of requestors")
	}
	if resp, body, err := ask(t.Context(), trusting(walletCert, nil), pkg.SessionPtr.URL+"/status"); err != nil || resp.StatusCode != http.StatusOK || body != `"INITIALIZED"` {
		t.Errorf("status for wallets: %s, %v", body, err)
	}

	nextCert, nextKey := issue(t, 3)
	overwrite(t, certFile, nextCert)
	overwrite(t, keyFile, nextKey)
	if resp := awaitTLS(t, trusting(nextCert, nil), pkg.SessionPtr.URL+"/status"); resp.StatusCode != http.StatusOK {
		t.Errorf("status after the reload: %s", resp.Status)
	}
	awaitTLS(t, trusting(cert, nil), url+"/health")
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d; it wrote %s", code, &server.stderr)
	}
}

func encodeKey(t *testing.T, key any) string {
	t.Helper()
	data, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: data}))
}
