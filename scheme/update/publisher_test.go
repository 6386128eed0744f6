package update_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// signedAt is when the first version of every scheme is signed.
var signedAt = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// publisher is the manager of a scheme, with its web server.
type publisher struct {
	tb  testing.TB
	id  irma.SchemeID
	dir string
	key *ecdsa.PrivateKey
	at  time.Time // of the current version

	mu       sync.Mutex
	requests []string
	answer   map[string]http.HandlerFunc // by path, instead of the file
}

// newPublisher publishes the demo scheme under another id.
func newPublisher(tb testing.TB, id irma.SchemeID) *publisher {
	tb.Helper()
	key, err := scheme.GenerateKey()
	if err != nil {
		tb.Fatal(err)
	}
	p := &publisher{tb: tb, id: id, dir: filepath.Join(tb.TempDir(), string(id)), key: key, at: signedAt}
	source := os.DirFS("../demo/schemes/irmad-demo")
	err = fs.WalkDir(source, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file == "timestamp" {
			return err
		}
		data, err := fs.ReadFile(source, file)
		p.write(file, strings.ReplaceAll(string(data), "irmad-demo", string(id)))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	p.sign()
	return p
}

func (p *publisher) write(file, content string) {
	p.tb.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *publisher) read(file string) string {
	p.tb.Helper()
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(file)))
	if err != nil {
		p.tb.Fatal(err)
	}
	return string(data)
}

func (p *publisher) remove(file string) {
	p.tb.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, filepath.FromSlash(file))); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *publisher) sign() {
	p.tb.Helper()
	if err := scheme.Sign(p.dir, p.key, p.at); err != nil {
		p.tb.Fatal(err)
	}
}

// publish signs a version that is a minute newer.
func (p *publisher) publish() {
	p.tb.Helper()
	p.at = p.at.Add(time.Minute)
	p.sign()
}

// rename publishes a version in which the issuer gov has another name.
func (p *publisher) rename(name string) {
	p.tb.Helper()
	text := p.read("gov/description.xml")
	from := strings.Index(text, "<en>") + len("<en>")
	to := strings.Index(text, "</en>")
	p.write("gov/description.xml", text[:from]+"Demo "+name+text[to:])
	p.publish()
}

// on makes the web server answer requests for a file otherwise.
func (p *publisher) on(file string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == nil {
		p.answer = map[string]http.HandlerFunc{}
	}
	p.answer[file] = answer
}

// asked returns the files asked for since the last call, sorted.
func (p *publisher) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Sorted(slices.Values(p.requests))
	p.requests = nil
	return out
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := strings.TrimPrefix(r.URL.Path, "/"+string(p.id)+"/")
	p.mu.Lock()
	p.requests = append(p.requests, file)
	answer := p.answer[file]
	p.mu.Unlock()
	if answer == nil {
		answer = http.StripPrefix("/"+string(p.id), http.FileServerFS(os.DirFS(p.dir))).ServeHTTP
	}
	answer(w, r)
}

func (p *publisher) source() update.Source {
	return update.Source{ID: p.id, URL: "https://schemes.example/" + string(p.id), PublicKey: &p.key.PublicKey}
}

// web answers requests for the schemes of publishers, without a network.
type web []*publisher

func (s web) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, p := range s {
		if strings.HasPrefix(r.URL.Path, "/"+string(p.id)+"/") {
			w := httptest.NewRecorder()
			p.ServeHTTP(w, r)
			if err := r.Context().Err(); err != nil {
				return nil, err
			}
			return w.Result(), nil
		}
	}
	w := httptest.NewRecorder()
	http.NotFound(w, r)
	return w.Result(), nil
}

// config returns the configuration of an Updater for the schemes.
func config(dir string, publishers ...*publisher) update.Config {
	cfg := update.Config{Dir: dir, HTTPClient: &http.Client{Transport: web(publishers)}, Schemes: []update.Source{}}
	for _, p := range publishers {
		cfg.Schemes = append(cfg.Schemes, p.source())
	}
	return cfg
}

func newUpdater(tb testing.TB, cfg update.Config) *update.Updater {
	tb.Helper()
	u, err := update.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	u.SetFault(noFault)
	return u
}

// noFault makes an Updater fast.
func noFault(string, string) error { return nil }

func mustUpdate(tb testing.TB, u *update.Updater) {
	tb.Helper()
	if err := u.Update(context.Background()); err != nil {
		tb.Fatal(err)
	}
}

// issuerName returns the name of the issuer gov, or "" if the scheme is not
// there.
func issuerName(set *scheme.Set, id irma.SchemeID) string {
	if issuer := set.Issuer(irma.IssuerID(id + ".gov")); issuer != nil {
		return issuer.Name["en"]
	}
	return ""
}

// onDisk loads the schemes in dir and fails the test if one is refused.
func onDisk(tb testing.TB, dir string) *scheme.Set {
	tb.Helper()
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, problem := range set.Problems() {
		if !problem.Warning() {
			tb.Error(problem)
		}
	}
	return set
}

// files returns the contents of all files below dir, but for locks.
func files(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		out[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// leftovers returns the names of temporary folders in dir.
func leftovers(tb testing.TB, dir string) []string {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") && entry.IsDir() {
			out = append(out, entry.Name())
		}
	}
	return out
}

// load returns the version that is published.
func (p *publisher) load() *scheme.Set {
	p.tb.Helper()
	set, err := scheme.LoadDir(filepath.Dir(p.dir), scheme.Options{})
	if err != nil {
		p.tb.Fatal(err)
	}
	return set
}

// sign returns a signature on an index.
func sign(tb testing.TB, key *ecdsa.PrivateKey, index []byte) []byte {
	tb.Helper()
	digest := sha256.Sum256(index)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return signature
}

// serve returns the URL of a web server that stops with the test.
func serve(tb testing.TB, handler http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}
