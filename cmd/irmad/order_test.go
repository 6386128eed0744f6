package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

// TestOrder makes one mistake more at each step: the first one is told (spec 06
// §4).
func TestOrder(t *testing.T) {
	t.Parallel()
	steps := []struct {
		flags []string
		want  string
	}{
		{[]string{"--schemes-path=nowhere"}, "schemes_path nowhere does not exist"},
		{[]string{"--url=://x"}, "url is"},
		{[]string{"--jwt-privkey=x"}, "failed to read private key"},
		{[]string{`--static-sessions={"x":{"request":{}}}`}, "failed to parse static session request x"},
		{[]string{"--no-auth=false", `--requestors={"A":{"auth_method":"none"}}`}, "requestor A has unsupported authentication type"},
		{[]string{"--port=70000"}, "port must be between"},
		{[]string{"--tls-cert=x"}, "failed to read TLS configuration"},
		{[]string{"--disclose-perms=a.b.*.c"}, "Errors encountered in permissions"},
		{[]string{"--static-path=nowhere"}, "invalid static_path"},
	}
	var flags []string
	for i := len(steps) - 1; i >= 0; i-- {
		flags = append(flags, steps[i].flags...)
		s, err := config.Read(flags, nil)
		must(t, err)
		if !strings.Contains(strings.Join(flags, " "), "--requestors") {
			s.NoAuth = true
		}
		if _, err := newApp(s, &process{Process: cli.Process{Env: []string{"HOME=" + t.TempDir()}}}, zap.NewNop(), true); err == nil || !strings.Contains(err.Error(), steps[i].want) {
			t.Errorf("with %q: got error %v, want %q", flags, err, steps[i].want)
		}
	}
}

// TestCertificateInProduction has an http:// URL that becomes https:// because of
// a certificate, for which no_tls is not needed.
func TestCertificateInProduction(t *testing.T) {
	t.Parallel()
	schemes, _ := installReal(t)
	cert, key := issue(t, 1)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "key.pem"), []byte(key), 0o600))
	args := []string{
		"--production", "--url=http://example.com:port", "-s", schemes, "--requestors", `{"A":{"auth_method":"token","key":"0123456789abcdef"}}`,
		"--tls-cert", cert, "--tls-privkey-file", filepath.Join(dir, "key.pem"),
	}
	var log strings.Builder
	_, a, err := configure(&process{Process: cli.Process{Args: args, Stderr: &log}}, true)
	must(t, err)
	defer func() { must(t, a.close()) }()
	if a.settings.URL != "https://example.com:8088/irma/" || strings.Contains(log.String(), "TLS is not enabled") {
		t.Errorf("url %s; log:\n%s", a.settings.URL, &log)
	}
	if _, _, err := configure(&process{Process: cli.Process{Args: args[:6], Stderr: &log}}, true); err == nil || !strings.Contains(err.Error(), "unsafe without a reverse proxy") {
		t.Errorf("without certificate: got error %v", err)
	}
}
