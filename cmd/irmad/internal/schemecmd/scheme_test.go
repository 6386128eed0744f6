package schemecmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/schemecmd"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/scheme"
)

// commands are those of the package by name.
var commands = map[string]func(context.Context, *cli.Process) error{"scheme": schemecmd.Run, "issuer": schemecmd.RunIssuer}

// tool runs irmad with a home directory of its own.
type tool struct {
	t    *testing.T
	home string
}

// run returns what the command prints, and fails the test if its exit status is
// another.
func (tl tool) run(status int, args ...string) (stdout, stderr string) {
	tl.t.Helper()
	var out, errs bytes.Buffer
	env := []string{"HOME=" + tl.home, "XDG_DATA_DIRS=" + filepath.Join(tl.home, "nowhere")}
	p := &cli.Process{Args: args[1:], Env: env, Stdout: &out, Stderr: &errs}
	if got := p.Exit(commands[args[0]](tl.t.Context(), p), " "+args[0]); got != status {
		tl.t.Fatalf("irmad %v: exit status %d, want %d\n%s%s", args, got, status, &out, &errs)
	}
	return out.String(), errs.String()
}

func (tl tool) want(text, part string) {
	tl.t.Helper()
	if !strings.Contains(text, part) {
		tl.t.Errorf("no %q in\n%s", part, text)
	}
}

func TestSchemeDownload(t *testing.T) {
	t.Parallel()
	p := schemetest.NewPublisher(t, "club")
	web := httptest.NewServer(p)
	defer web.Close()
	tl := tool{t, t.TempDir()}
	url := web.URL + "/club"

	_, stderr := tl.run(cli.ExitFailed, "scheme", "update")
	tl.want(stderr, `"irmad scheme download" gets some`)
	_, stderr = tl.run(cli.ExitFailed, "scheme", "show", "pbdf")
	tl.want(stderr, `nothing is known by the name "pbdf"; "irmad scheme download" gets pbdf and irma-demo`)
	_, stderr = tl.run(cli.ExitFailed, "scheme", "search", "zzzzzzzz")
	tl.want(stderr, `nothing found for "zzzzzzzz"; "irmad scheme download" gets pbdf and irma-demo`)
	_, stderr = tl.run(cli.ExitFailed, "scheme", "download", url)
	tl.want(stderr, "https only")

	// The key at the URL is trusted, and told; into the directory where irmad serve
	// looks.
	stdout, stderr := tl.run(cli.ExitOK, "scheme", "download", "--plain-http", url+"/description.xml")
	dir := filepath.Join(tl.home, ".local", "share", "irma", "irma_configuration")
	tl.want(stdout, "Downloading schemes into "+dir)
	tl.want(stderr, "club: trusting the key at "+url+", with SHA-256 ")
	tl.want(stderr, "club: installed the version of 2026-08-01")
	stdout, _ = tl.run(cli.ExitOK, "scheme", "show", "club")
	tl.want(stdout, "club.gov")

	// A key that was obtained in another way.
	key := filepath.Join(tl.home, "pk.pem")
	must(t, os.WriteFile(key, []byte(p.Read("pk.pem")), 0o600))
	there := filepath.Join(tl.home, "there")
	_, stderr = tl.run(cli.ExitOK, "scheme", "download", "--plain-http", "--publickey", key, there, url)
	if strings.Contains(stderr, "trusting") {
		t.Error(stderr)
	}
	other, err := scheme.GenerateKey()
	must(t, err)
	pem, err := scheme.MarshalPublicKey(&other.PublicKey)
	must(t, err)
	must(t, os.WriteFile(key, pem, 0o600))
	elsewhere := filepath.Join(tl.home, "elsewhere")
	_, stderr = tl.run(cli.ExitFailed, "scheme", "download", "--plain-http", "--publickey", key, elsewhere, url)
	tl.want(stderr, "the signature is not valid")
	tl.run(cli.ExitUsage, "scheme", "download", "--publickey", key)
	_, stderr = tl.run(cli.ExitFailed, "scheme", "download", "--plain-http", elsewhere, web.URL+"/nothing")
	tl.want(stderr, "looking for a scheme at")
}

func TestSchemeUpdate(t *testing.T) {
	t.Parallel()
	p := schemetest.NewPublisher(t, "club")
	web := httptest.NewServer(p)
	defer web.Close()
	url := web.URL + "/club"
	p.Write("description.xml", strings.Replace(p.Read("description.xml"), "<Url>"+urlOf(p.Read("description.xml"))+"</Url>", "<Url>"+url+"</Url>", 1))
	p.Publish()
	tl := tool{t, t.TempDir()}
	dir := filepath.Join(tl.home, "schemes")
	tl.run(cli.ExitOK, "scheme", "download", "--plain-http", dir, url)
	_, stderr := tl.run(cli.ExitOK, "scheme", "update", "--plain-http", dir)
	tl.want(stderr, "club: nothing newer than the version of 2026-08-01")
	for path, name := range map[string]string{dir: "by directory", filepath.Join(dir, "club"): "by folder"} {
		p.Rename(name)
		_, stderr := tl.run(cli.ExitOK, "scheme", "update", "--plain-http", path)
		tl.want(stderr, "club: installed")
		stdout, _ := tl.run(cli.ExitOK, "scheme", "show", "-s", dir, "club.gov")
		tl.want(stdout, name)
	}
	_, stderr = tl.run(cli.ExitFailed, "scheme", "update", t.TempDir())
	tl.want(stderr, `"irmad scheme download" gets some`)
	_, stderr = tl.run(cli.ExitFailed, "scheme", "update", filepath.Join(tl.home, "nowhere"))
	tl.want(stderr, "nowhere")
	_, stderr = tl.run(cli.ExitFailed, "scheme", "update", dir) // without --plain-http
	tl.want(stderr, "https only")
}

func urlOf(description string) string {
	_, rest, _ := strings.Cut(description, "<Url>")
	url, _, _ := strings.Cut(rest, "</Url>")
	return url
}

// What is at a mirror must be signed with the keys that irmad knows.
func TestSchemeMirror(t *testing.T) {
	t.Parallel()
	p := schemetest.NewPublisher(t, "pbdf")
	web := httptest.NewServer(p)
	defer web.Close()
	tl := tool{t, t.TempDir()}
	_, stderr := tl.run(cli.ExitFailed, "scheme", "download", "--plain-http", "--mirror", web.URL)
	tl.want(stderr, "updating scheme pbdf: "+web.URL+"/pbdf/index: the signature is not valid")
	tl.want(stderr, "updating scheme irma-demo: ")
	_, stderr = tl.run(cli.ExitFailed, "scheme", "download", "--plain-http", web.URL+"/pbdf")
	tl.want(stderr, "the signature is not valid")
}

func TestShowRequestors(t *testing.T) {
	t.Parallel()
	tl := tool{t, t.TempDir()}
	dir := filepath.Join(tl.home, "people")
	must(t, os.Mkdir(dir, 0o700))
	for name, content := range map[string]string{
		"description.json": `{"id":"people","schemetype":"requestor","url":"https://own.example/people"}`,
		"all.json": `[{"id":"people.shop","scheme":"people","name":{"en":"Shop","nl":"Winkel"},"hostnames":["shop.example"],
			"valid_until":2000000000,"wizards":{"people.shop.tour":{"id":"people.shop.tour","title":{"en":"Tour"}}}}]`,
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	key, err := scheme.GenerateKey()
	must(t, err)
	must(t, scheme.Sign(dir, key, time.Now()))
	for name, want := range map[string]string{
		"":             "people      1 requestors",
		"people":       "people.shop  Shop",
		"shop.example": "people.shop: Shop\n  hosts: shop.example\n  valid until: 2033-05-18\n\nWizards:\n  people.shop.tour  Tour\n",
	} {
		stdout, _ := tl.run(cli.ExitOK, "scheme", "show", "-s", tl.home, name)
		tl.want(stdout, want)
	}
	stdout, _ := tl.run(cli.ExitOK, "scheme", "show", "-s", tl.home, "--json", "people.shop")
	var got struct {
		ID        string
		Verified  bool
		Hostnames []string
	}
	must(t, json.Unmarshal([]byte(stdout), &got))
	if got.ID != "people.shop" || !got.Verified || cmp.Diff([]string{"shop.example"}, got.Hostnames) != "" {
		t.Errorf("%+v", got)
	}
	stdout, _ = tl.run(cli.ExitOK, "scheme", "verify", dir)
	tl.want(stdout, "Verification was successful.")
}

// The search for a key ends when its user does not want to wait.
func TestIssuerKeygenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	dir := t.TempDir()
	p := &cli.Process{Args: []string{"keygen", "-l", "4096", dir}, Stdout: &stdout, Stderr: &stderr}
	if status := p.Exit(schemecmd.RunIssuer(ctx, p), " issuer"); status != cli.ExitFailed || !strings.Contains(stderr.String(), "no key was made") {
		t.Errorf("exit status %d: %s", status, &stderr)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
