package update_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

func TestFirstDownload(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	p.Write("sk.pem", marshal(t, p))
	dir := filepath.Join(t.TempDir(), "not", "there")
	var events []update.Event
	cfg := config(dir, p)
	cfg.Observer = func(e update.Event) { events = append(events, e) }
	u, err := update.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range u.Current().Schemes() {
		t.Error("there is a scheme before the first update")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("New made the directory: %v", err)
	}
	mustUpdate(t, u)
	if s := u.Current().Scheme("test"); s == nil || !s.Timestamp.Equal(p.At) {
		t.Fatalf("scheme is %+v", s)
	}
	if diff := cmp.Diff(files(t, p.Dir), files(t, filepath.Join(dir, "test"))); diff != "" {
		t.Errorf("installed files (-want +got):\n%s", diff)
	}
	if _, err := u.Current().PrivateKey("test.gov", 0); err != nil {
		t.Errorf("private key: %v", err)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
	total := strings.Count(p.Read("index"), "\n")
	last := len(events) - 1
	if diff := cmp.Diff(update.Event{Scheme: "test", State: update.Installed, Total: total, Version: p.At}, events[last]); diff != "" {
		t.Errorf("last event (-want +got):\n%s", diff)
	}
	for i, e := range events[:last] {
		if diff := cmp.Diff(update.Event{Scheme: "test", State: update.Downloading, Done: i + 1, Total: total, Version: p.At}, e); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
}

func marshal(tb testing.TB, p *publisher) string {
	tb.Helper()
	data, err := scheme.MarshalKey(p.Key)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	before := u.Current()
	p.Asked()

	mustUpdate(t, u)
	if diff := cmp.Diff([]string{"index", "index.sig", "timestamp"}, p.Asked()); diff != "" {
		t.Errorf("without a new version, asked for (-want +got):\n%s", diff)
	}
	if u.Current() != before {
		t.Error("loaded again without a new version")
	}

	p.Rename("Town")
	mustUpdate(t, u)
	want := []string{"gov/description.xml", "index", "index.sig", "sk.pem", "timestamp", "timestamp"}
	if diff := cmp.Diff(want, p.Asked()); diff != "" {
		t.Errorf("for a new version, asked for (-want +got):\n%s", diff)
	}
	if got := issuerName(u.Current(), "test"); got != "Demo Town" {
		t.Errorf("name in memory is %q", got)
	}
	if got := issuerName(onDisk(t, dir), "test"); got != "Demo Town" {
		t.Errorf("name on disk is %q", got)
	}
	if got := issuerName(before, "test"); got == "Demo Town" {
		t.Error("the set before the update has changed")
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

// TestDropped checks that an issuer and a credential type can leave a scheme,
// and that what is not signed stays, as far as it is somebody's.
func TestDropped(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	own := map[string]string{
		"gov/PrivateKeys/7.xml": "own key", "sk.pem": "own", "README.md": "own", ".git/HEAD": "own", "assets/a.png": "own",
	}
	for name, content := range own {
		write(t, filepath.Join(dir, "test", name), content)
	}
	write(t, filepath.Join(dir, "test", "notes.txt"), "dropped")
	if err := os.Symlink("0.xml", filepath.Join(dir, "test/vote/PrivateKeys/1.xml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "test/gov/PrivateKeys/7.xml"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := p.Read("vote/PrivateKeys/0.xml")
	p.Remove("vote")
	p.Remove("gov/Issues/ageLimits")
	p.Publish()
	mustUpdate(t, u)

	set := onDisk(t, dir)
	if set.Issuer("test.vote") != nil || set.CredentialType("test.gov.ageLimits") != nil || set.CredentialType("test.gov.root") == nil {
		t.Error("the wrong things are there")
	}
	got := files(t, filepath.Join(dir, "test"))
	own["vote/PrivateKeys/0.xml"], own["vote/PrivateKeys/1.xml"] = key, key
	for name, content := range files(t, p.Dir) {
		own[name] = content
	}
	if diff := cmp.Diff(own, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	info, err := os.Stat(filepath.Join(dir, "test/gov/PrivateKeys/7.xml"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("own key: %v, %v", info, err)
	}
	if target, err := os.Readlink(filepath.Join(dir, "test/vote/PrivateKeys/1.xml")); target != "0.xml" {
		t.Errorf("link to %q, %v", target, err)
	}
}

func write(tb testing.TB, path, content string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// TestDemoKeys checks that private keys that do not fit are not kept.
func TestDemoKeys(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	gov := p.Read("gov/PrivateKeys/0.xml")
	p.Write("vote/PrivateKeys/0.xml", "<not a key")
	p.Write("sk.pem", marshal(t, newPublisher(t, "other")))
	dir := t.TempDir()
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	got := files(t, filepath.Join(dir, "test"))
	if got["gov/PrivateKeys/0.xml"] != gov {
		t.Error("the key of gov is missing")
	}
	for _, name := range []string{"vote/PrivateKeys/0.xml", "sk.pem"} {
		if _, ok := got[name]; ok {
			t.Errorf("%s was kept", name)
		}
	}
}

// TestProductionKeys checks that nobody is asked for the private keys of a scheme
// that is not a demo.
func TestProductionKeys(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	p.Write("description.xml", strings.ReplaceAll(p.Read("description.xml"), "<Demo>true", "<Demo>false"))
	p.Publish()
	mustUpdate(t, newUpdater(t, config(t.TempDir(), p)))
	for _, file := range p.Asked() {
		if strings.Contains(file, "PrivateKeys") || file == "sk.pem" {
			t.Errorf("asked for %s", file)
		}
	}
}

// TestOthers checks that installed schemes that are not configured are updated
// from where their description says.
func TestOthers(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "folder"), os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	p.Rename("Town")
	var mu sync.Mutex // guards asked
	var asked []string
	cfg := update.Config{Dir: dir, Schemes: []update.Source{}, HTTPClient: &http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			asked = append(asked, r.URL.Host+" "+r.Header.Get("User-Agent"))
			mu.Unlock()
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/schemes")
			return web{p}.RoundTrip(r)
		}),
	}}
	u := newUpdater(t, cfg)
	mustUpdate(t, u)
	if got := issuerName(onDisk(t, dir), "test"); got != "Demo Town" {
		t.Errorf("name is %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "folder", "index")); err != nil {
		t.Errorf("the folder has not kept its name: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if asked[0] != "irmad.example irmaserver" {
		t.Errorf("asked %q", asked[0])
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestInstallDiscovered(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	cfg := config(t.TempDir(), p)
	cfg.Schemes = []update.Source{}
	u := newUpdater(t, cfg)
	source, err := u.Discover(context.Background(), "https://schemes.example/test/")
	if err != nil {
		t.Fatal(err)
	}
	if source.ID != "test" || !source.PublicKey.Equal(&p.Key.PublicKey) {
		t.Errorf("discovered %+v", source)
	}
	if err := u.Install(context.Background(), source); err != nil {
		t.Fatal(err)
	}
	if issuerName(u.Current(), "test") == "" {
		t.Error("not installed")
	}
}

func TestRequestorScheme(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	for _, file := range []string{"description.xml", "gov", "vote"} {
		p.Remove(file)
	}
	p.Write("description.json", `{"id":"test","schemetype":"requestor","url":"https://own.example/test"}`)
	logos := map[string]string{}
	for _, content := range []string{"logo", "wizard's logo", "new logo"} {
		logos[content] = fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
		p.Write("assets/"+logos[content]+".png", content)
	}
	requestor := `{"id":"test.a","scheme":"test","logo":"` + logos["logo"] +
		`","wizards":{"test.a.w":{"id":"test.a.w","logo":"` + logos["wizard's logo"] + `"}}}`
	p.Write("all.json", "["+requestor+"]")
	p.Publish()
	dir := t.TempDir()
	cfg := config(dir, p)
	mustUpdate(t, newUpdater(t, cfg))
	installed := files(t, filepath.Join(dir, "test"))
	for content, hash := range logos {
		if got := installed["assets/"+hash+".png"]; got != content && content != "new logo" {
			t.Errorf("%s is %q", content, got)
		}
	}
	p.Asked()

	p.Write("all.json", "["+requestor+`,{"id":"test.b","scheme":"test","logo":"`+logos["new logo"]+`"}]`)
	p.Publish()
	cfg.Schemes = []update.Source{}
	cfg.HTTPClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "own.example" {
			t.Errorf("asked %s", r.URL)
		}
		return web{p}.RoundTrip(r)
	})
	mustUpdate(t, newUpdater(t, cfg))
	want := []string{"all.json", "assets/" + logos["new logo"] + ".png", "index", "index.sig", "timestamp", "timestamp"}
	if diff := cmp.Diff(want, p.Asked()); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(files(t, p.Dir), files(t, filepath.Join(dir, "test"))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	p.On("assets/"+logos["logo"]+".png", body([]byte("tampered")))
	if err := newUpdater(t, config(t.TempDir(), p)).Update(t.Context()); err == nil || !strings.Contains(err.Error(), "hash") {
		t.Errorf("with a tampered logo: %v", err)
	}
}

func TestDefault(t *testing.T) {
	t.Parallel()
	keys := map[irma.SchemeID]string{
		"irma-demo": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHVnmAY+kGkFZn7XXozdI4HY8GOjm\n" +
			"54ngh4chTfn6WsTCf2w5rprfIqML61z2VTE4k8yJ0Z1QbyW6cdaao8obTQ==",
		"pbdf": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELzHV5ipBimWpuZIDaQQd+KmNpNop\n" +
			"dpBeCqpDwf+Grrw9ReODb6nwlsPJ/c/gqLnc+Y3sKOAJ2bFGI+jHBSsglg==",
	}
	for _, source := range update.Default() {
		if source.URL != "https://schemes.yivi.app/"+string(source.ID) {
			t.Errorf("URL %s", source.URL)
		}
		der, err := x509.MarshalPKIXPublicKey(source.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		block := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		if !strings.Contains(block, keys[source.ID]) {
			t.Errorf("key of %s is %s", source.ID, block)
		}
		delete(keys, source.ID)
	}
	if len(keys) > 0 {
		t.Errorf("missing: %v", keys)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	source := func(id irma.SchemeID, url string) []update.Source { return []update.Source{{ID: id, URL: url}} }
	for name, cfg := range map[string]update.Config{
		"no Dir":            {},
		"negative Interval": {Dir: "x", Interval: -time.Second},
		"http":              {Dir: "x", Schemes: source("test", "http://schemes.example/test")},
		"not a URL":         {Dir: "x", Schemes: source("test", "schemes.example/test")},
		"file URL":          {Dir: "x", Schemes: source("test", "file:///test"), PlainHTTP: true},
		"no id":             {Dir: "x", Schemes: source("", "https://schemes.example/test")},
		"id outside Dir":    {Dir: "x", Schemes: source("..", "https://schemes.example/test")},
		"id with a slash":   {Dir: "x", Schemes: source("a/b", "https://schemes.example/test")},
		"mirror":            {Dir: "x", Mirror: "mirror"},
		"mirror over http":  {Dir: "x", Mirror: "http://mirror.example"},
		"twice":             {Dir: "x", Schemes: append(update.Default(), update.Default()...)},
	} {
		if _, err := update.New(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
