package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// installReal makes a schemes directory with a scheme "real" that is not for
// demonstration, and a directory with the private key of its issuer.
func installReal(t *testing.T) (schemes, keys string) {
	t.Helper()
	embedded, err := demo.FS()
	must(t, err)
	files, err := fs.Sub(embedded, string(demo.ID))
	must(t, err)
	schemes, keys = t.TempDir(), t.TempDir()
	dir := filepath.Join(schemes, "real")
	must(t, os.CopyFS(dir, files))
	must(t, os.Rename(filepath.Join(dir, "gov", "PrivateKeys", "0.xml"), filepath.Join(keys, "real.gov.xml")))
	must(t, os.RemoveAll(filepath.Join(dir, "vote")))
	rename := strings.NewReplacer(string(demo.ID), "real", "<Demo>true</Demo>", "<Demo>false</Demo>")
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "description.xml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(rename.Replace(string(data))), 0o600)
	}))
	key, err := scheme.GenerateKey()
	must(t, err)
	must(t, scheme.Sign(dir, key, time.Now()))
	return schemes, keys
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	schemes, keys := installReal(t)
	home := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(home, ".local", "share", "irma"), 0o700))
	must(t, os.Symlink(schemes, filepath.Join(home, ".local", "share", "irma", "irma_configuration")))
	production := []string{"--production", "--no-auth", "--url=https://example.com"}
	tests := map[string]struct {
		args []string
		home string
		want []string // schemes
		log  string   // part of what is written
		fail string   // part of the error
	}{
		"embedded alone":              {want: []string{"irmad-demo"}},
		"default directory":           {home: home, want: []string{"real", "irmad-demo"}},
		"configured directory":        {args: []string{"-s", schemes}, want: []string{"real", "irmad-demo"}},
		"keys":                        {args: []string{"-s", schemes, "-k", keys}, want: []string{"real", "irmad-demo"}, log: "anyone who can reach this server can use it to issue attributes"},
		"keys without schemes":        {args: []string{"-k", keys}, fail: "no schemes that the keys could belong to"},
		"file for directory":          {args: []string{"-s", filepath.Join(keys, "real.gov.xml")}, fail: "is not a directory"},
		"keys of unknown schemes":     {args: []string{"-s", t.TempDir(), "-k", keys}, fail: "real.gov"},
		"production":                  {args: production, home: home, want: []string{"real"}, log: "anyone who can reach this server can use it"},
		"production with keys":        {args: append([]string{"-k", keys}, production...), home: home, want: []string{"real"}, log: "anyone who can reach this server can use it"},
		"production that issues":      {args: append([]string{"-k", keys, "--issue-perms=*"}, production...), home: home, fail: "requestor authentication must be enabled, or client_listen_addr and client_port must be used"},
		"with a client port":          {args: append([]string{"-k", keys, "--issue-perms=*", "--client-port=8089"}, production...), home: home, want: []string{"real"}, log: "to issue attributes"},
		"production with requestors":  {args: append([]string{"-k", keys, "--issue-perms=*", "--no-auth=false", `--requestors={"a":{"auth_method":"token","key":"0123456789abcdef"}}`}, production[:1]...), home: home, want: []string{"real"}, log: "url is not set"},
		"production without schemes":  {args: production, fail: "no valid schemes"},
		"production without TLS":      {args: []string{"--production", "--no-auth", "-u", "http://a.nl"}, home: home, fail: "without TLS"},
		"production with proxied TLS": {args: []string{"--production", "--no-auth", "-u", "http://a.nl", "--no-tls"}, home: home, want: []string{"real"}},
		"query in url":                {args: []string{"-u", "http://a.nl/?x=/"}, fail: "without user, query"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			_, a, err := configure(&process{Process: cli.Process{Args: tt.args, Env: []string{"HOME=" + tt.home, "XDG_DATA_DIRS=", offline}, Stderr: &log}}, false)
			if tt.fail != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fail) {
					t.Fatalf("got error %v, want %q", err, tt.fail)
				}
				return
			}
			must(t, err)
			defer func() { must(t, a.close()) }()
			if diff := cmp.Diff(tt.want, installed.SchemeNames(a.schemes.Current())); diff != "" {
				t.Errorf("schemes (-want +got):\n%s", diff)
			}
			if !strings.Contains(log.String(), tt.log) {
				t.Errorf("log does not tell %q:\n%s", tt.log, &log)
			}
		})
	}
}

// TestDamagedScheme is about a scheme that was changed on disk.
func TestDamagedScheme(t *testing.T) {
	t.Parallel()
	schemes, _ := installReal(t)
	must(t, os.WriteFile(filepath.Join(schemes, "real", "gov", "description.xml"), []byte("<Issuer/>"), 0o600))
	var log strings.Builder
	set, err := installed.Load(&config.Settings{SchemesPath: schemes}, nil, cli.NewLogger(cli.LogStyle{}, &log))
	must(t, err)
	if diff := cmp.Diff([]string{"irmad-demo"}, installed.SchemeNames(set)); diff != "" {
		t.Errorf("schemes (-want +got):\n%s", diff)
	}
	if !strings.Contains(log.String(), "scheme real: not used") {
		t.Errorf("log does not tell:\n%s", &log)
	}
	if _, err := openSchemes(&config.Settings{SchemesPath: schemes, Production: true}, new(process), zap.NewNop(), true); err == nil {
		t.Error("production starts without a valid scheme")
	}
}
