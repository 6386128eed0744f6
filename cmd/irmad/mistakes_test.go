package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/golden"
)

// The texts in testdata/messages are what somebody reads who makes the mistake.
// Each names what was wrong, and the next step.

// TestMistakesOfOperators calls irmad as somebody may on the first day.
func TestMistakesOfOperators(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := operatorFiles(t, dir)
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer busy.Close()
	_, port, err := net.SplitHostPort(busy.Addr().String())
	must(t, err)
	first := start(t, "--store-type", "file", "--store-path", files["sessions.db"], "-q")
	first.await(t, "/health")
	defer first.stop()
	public := []string{"check", "--production", "--schemes-path", files["schemes"], "--no-auth=false", "-c", files["shop.yaml"]}

	got := map[string]string{}
	for name, args := range map[string][]string{
		"unknown command":                   {"chek"},
		"unknown flag":                      {"check", "--prot", "80"},
		"unknown key in the file":           {"check", "-c", files["misspelt.yaml"]},
		"no configuration file":             {"check", "-c", files["none.yaml"]},
		"configuration file cannot be read": {"check", "-c", files["broken.yaml"]},
		"busy port":                         {"serve", "-l", "127.0.0.1", "-p", port},
		"address of another machine":        {"serve", "-l", "192.0.2.1"},
		"no key file":                       {"check", "--jwt-privkey-file", files["none.pem"]},
		"public key for private key":        {"check", "--jwt-privkey-file", files["public.pem"]},
		"key for all to read":               {"check", "--jwt-privkey-file", files["open.pem"]},
		"certificate without key":           {"check", "--tls-cert-file", files["public.pem"]},
		"no url in production":              public,
		"http url in production":            append(public, "--url", "http://irma.example.com"),
		"url without https":                 append(public, "--url", "irma.example.com"),
		"http url for phones":               {"check", "--url", "http://192.0.2.1:8088"},
		"no schemes directory":              {"check", "--schemes-path", files["nowhere"]},
		"no schemes in production":          {"check", "--production", "--url", "https://irma.example.com"},
		"misspelt permission":               {"check", "--disclose-perms", "irmad-demo.gov.agelimits.*"},
		"requestors and no authentication":  append(public, "--url", "https://irma.example.com", "--no-auth"),
		"two irmads on one file":            {"serve", "-l", "127.0.0.1", "-p", "1", "--store-type", "file", "--store-path", files["sessions.db"]},
		"short store key":                   {"check", "--store-type", "file", "--store-path", files["other.db"], "--store-keys", "c2VjcmV0"},
		"Redis is not there":                {"check", "--store-type", "redis", "--redis-addr", "127.0.0.1:1", "--redis-no-tls", "--redis-allow-empty-password"},
		"no server for a session":           {"session", "--server", "http://127.0.0.1:1", "--disclose", "irmad-demo.gov.ageLimits.over18"},
		"misspelt attribute for a session":  {"session", "--disclose", "irmad-demo.gov.ageLimits.ovr18"},
		"no server to be healthy":           {"healthcheck", "-l", "127.0.0.1", "-p", "1"},
		"nonsense instead of a QR":          {"wallet", "https://example.com"},
	} {
		got[name] = "irmad " + strings.Join(args, " ") + "\n" + complaints(t, args)
	}
	got["no network"] = "irmad\n" + withoutNetwork(t, dir)
	replacer := strings.NewReplacer(files["schemes"], "SCHEMES", dir, "DIR", port, "8088", first.url[len("http://127.0.0.1:"):], "8088")
	for name, text := range got {
		got[name] = replacer.Replace(text)
	}
	golden.Compare(t, filepath.Join("testdata", "messages", "operators.txt"), got)
}

// operatorFiles writes files, and returns where they and others are that are not
// there.
func operatorFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths := map[string]string{}
	for _, name := range []string{"none.yaml", "none.pem", "nowhere", "sessions.db", "other.db"} {
		paths[name] = filepath.Join(dir, name)
	}
	key, private := newKey(t)
	for name, text := range map[string]string{
		"misspelt.yaml": "listen_adr: 127.0.0.1\n",
		"broken.yaml":   "url: [\n",
		"public.pem":    publicPEM(t, key),
		"open.pem":      private,
		"shop.yaml":     "requestors:\n  shop: {auth_method: token, key: token-of-the-shop-0123456789}\n",
	} {
		paths[name] = filepath.Join(dir, name)
		must(t, os.WriteFile(paths[name], []byte(text), 0o600))
	}
	must(t, os.Chmod(paths["open.pem"], 0o644)) //nolint:gosec // the mistake
	paths["schemes"], _ = installReal(t)
	return paths
}

// fact is a line of the log that is no complaint.
var fact = regexp.MustCompile(`(?m)^\S+ (INFO|DEBUG) .*\n`)

// stamp is the time at the begin of a line of the log.
var stamp = regexp.MustCompile(`(?m)^\S+Z (WARN|ERROR) `)

// complaints returns what irmad says that is wrong.
func complaints(t *testing.T, args []string) string {
	t.Helper()
	var out strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	run(ctx, &process{Process: cli.Process{Args: args, Env: []string{"HOME=" + t.TempDir(), offline}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out}})
	return onlyComplaints(out.String())
}

func onlyComplaints(log string) string {
	return stamp.ReplaceAllString(fact.ReplaceAllString(log, ""), "$1 ")
}

// withoutNetwork serves until irmad has noticed that there is no network.
func withoutNetwork(t *testing.T, dir string) string {
	t.Helper()
	log := newAwaitedLog()
	server := startLogging(t, log, 0, []string{"IRMASERVER_SCHEMES_UPDATE=60", "IRMASERVER_SCHEMES_MIRROR=http://127.0.0.1:1/", "XDG_DATA_HOME=" + filepath.Join(dir, "data")})
	log.await(t, "cannot be fetched", 1)
	server.stop()
	return onlyComplaints(log.String())
}
