package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/redistest"
)

// checkOutput runs irmad check and returns whether it is content, and the log.
func checkOutput(t *testing.T, args ...string) (bool, string) {
	t.Helper()
	var log bytes.Buffer
	code := run(t.Context(), &process{Process: cli.Process{Args: append([]string{"check"}, args...), Env: []string{"HOME=" + t.TempDir()}, Stdout: &log, Stderr: &log}})
	return code == cli.ExitOK, log.String()
}

// TestRedisSettings checks what is refused without asking Redis (spec 06 §4.5).
func TestRedisSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	must(t, os.WriteFile(empty, nil, 0o600))
	rows := []struct {
		name string
		args string
		want string
	}{
		{"no address", "", "either redis_addr or redis_sentinel_addrs must be given, and not both"},
		{"both addresses", "--redis-addr a:1 --redis-sentinel-addrs b:2", "either redis_addr or redis_sentinel_addrs must be given, and not both"},
		{"sentinel without name", "--redis-sentinel-addrs b:2", "redis_sentinel_addrs must be combined with redis_sentinel_master_name"},
		{"sentinel without consent", "--redis-sentinel-addrs b:2 --redis-sentinel-master-name m", "set redis_accept_inconsistency_risk"},
		{"no port", "--redis-addr localhost", `addresses like localhost:6379, not \"localhost\"`},
		{"no password", "--redis-addr a:1", "redis_pw is empty: give the password of Redis, or set redis_allow_empty_password"},
		{"two passwords", "--redis-addr a:1 --redis-pw x --redis-pw-file y", "failed to read redis_pw: provide either key or path to key"},
		{"password file", "--redis-addr a:1 --redis-pw-file " + dir, "failed to read redis_pw: cannot read key from a directory"},
		{"empty password file", "--redis-addr a:1 --redis-pw-file " + empty, "failed to read redis_pw: empty key provided"},
		{"prefix without user", "--redis-addr a:1 --redis-pw x --redis-acl-use-key-prefixes", "redis_acl_use_key_prefixes must be combined with redis_username"},
		{"prefix with braces", "--redis-addr a:1 --redis-pw x --redis-acl-use-key-prefixes --redis-username a{b}", "braces in redis_username"},
		{"database", "--redis-addr a:1 --redis-pw x --redis-db -1", "redis_db must be between 0 and"},
		{"no TLS with certificate", "--redis-addr a:1 --redis-pw x --redis-no-tls --redis-tls-cert y", "redis_no_tls cannot be combined with the other redis_tls options"},
		{"certificate is none", "--redis-addr a:1 --redis-pw x --redis-tls-cert y", "redis_tls_cert holds no certificate in PEM"},
		{"half a client certificate", "--redis-addr a:1 --redis-pw x --redis-tls-client-cert-file y", "provide either certificate and key or neither of them"},
		{"client certificate is none", "--redis-addr a:1 --redis-pw x --redis-tls-client-cert-file y --redis-tls-client-key-file z", "redis_tls_client_cert_file: certificate: failed to stat key"},
	}
	for _, row := range rows {
		ok, log := checkOutput(t, append([]string{"--store-type", "redis"}, strings.Fields(row.args)...)...)
		if want := "invalid configuration: "; ok || !strings.Contains(log, want) || !strings.Contains(strings.ReplaceAll(log, `"`, `\"`), row.want) {
			t.Errorf("%s: want %q in\n%s", row.name, row.want, log)
		}
	}
	ok, log := checkOutput(t, "--redis-addr", "a:1")
	if !ok || !strings.Contains(log, "the redis options have no effect without a store_type") {
		t.Errorf("redis_addr alone: %s", log)
	}
}

// TestRedisConnection checks the configuration against real ones.
func TestRedisConnection(t *testing.T) {
	t.Parallel()
	files := certificates(t)
	plain := redistest.Start(t, "--requirepass", "sesame")
	plain.Do("-a", "sesame", "--no-auth-warning", "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	secured := redistest.Start(t, "--tls-port", redistest.FreePort(t), "--tls-cert-file", files.cert, "--tls-key-file", files.key,
		"--tls-ca-cert-file", files.cert, "--tls-auth-clients", "yes")
	nodes := redistest.Cluster(t, 3)
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("sesame\n"), 0o600))
	rows := []struct {
		name string
		args []string
		ok   bool
		want string
	}{
		{"nobody there", []string{"--redis-addr", "127.0.0.1:1", "--redis-pw", "x", "--redis-no-tls"}, false, "failed to connect to Redis: "},
		{"password", []string{"--redis-addr", plain.Addr, "--redis-pw-file", password, "--redis-no-tls"}, true, "its maxmemory-policy is allkeys-lru"},
		{"wrong password", []string{"--redis-addr", plain.Addr, "--redis-pw", "simsim", "--redis-no-tls"}, false, "WRONGPASS"},
		{"TLS where there is none", []string{"--redis-addr", plain.Addr, "--redis-pw", "sesame"}, false, "failed to connect to Redis: "},
		{"TLS", []string{"--redis-addr", secured.TLSAddr(), "--redis-allow-empty-password", "--redis-tls-cert-file", files.cert,
			"--redis-tls-client-cert-file", files.cert, "--redis-tls-client-key-file", files.key}, true, "configuration is valid"},
		{"TLS of a stranger", []string{"--redis-addr", secured.TLSAddr(), "--redis-allow-empty-password"}, false, "certificate signed by unknown authority"},
		{"TLS without client certificate", []string{"--redis-addr", secured.TLSAddr(), "--redis-allow-empty-password",
			"--redis-tls-cert-file", files.cert}, false, "failed to connect to Redis: "},
		{"cluster without consent", []string{"--redis-addr", nodes[0].Addr, "--redis-allow-empty-password", "--redis-no-tls"}, false, "with a Cluster, Redis may lose"},
		{"cluster", []string{"--redis-addr", nodes[0].Addr + ", " + nodes[1].Addr, "--redis-allow-empty-password", "--redis-no-tls",
			"--redis-accept-inconsistency-risk"}, true, "configuration is valid"},
		{"database of a cluster", []string{"--redis-addr", nodes[0].Addr, "--redis-allow-empty-password", "--redis-no-tls",
			"--redis-accept-inconsistency-risk", "--redis-db", "1"}, false, "failed to connect to Redis: "},
		{"no cluster", []string{"--redis-addr", plain.Addr + "," + plain.Addr, "--redis-pw", "sesame", "--redis-no-tls"}, false, "is not a Cluster"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ok, log := checkOutput(t, append([]string{"--store-type", "redis", "-v"}, row.args...)...)
			if ok != row.ok || !strings.Contains(log, row.want) {
				t.Errorf("content: %v; want %v and %q in\n%s", ok, row.ok, row.want, log)
			}
			if strings.Contains(log, "sesame") {
				t.Errorf("the log has the password:\n%s", log)
			}
		})
	}
	t.Cleanup(func() {
		if keys := plain.Do("-a", "sesame", "--no-auth-warning", "DBSIZE"); keys != "0" {
			t.Errorf("check has written: %s keys", keys)
		}
	})
}

// pemFiles are a certificate of 127.0.0.1, which signs itself, and its key.
type pemFiles struct{ cert, key string }

func certificates(t *testing.T) pemFiles {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	dir := t.TempDir()
	out := pemFiles{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	must(t, os.WriteFile(out.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	must(t, os.WriteFile(out.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return out
}
