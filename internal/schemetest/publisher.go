// Package schemetest publishes schemes, for tests of those who fetch them.
package schemetest

import (
	"crypto/ecdsa"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// SignedAt is when the first version of every scheme is signed.
var SignedAt = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// Publisher is the manager of a scheme, with its web server. Its methods fail the
// test if they cannot do their work.
type Publisher struct {
	ID  irma.SchemeID
	Dir string // the folder of the scheme
	Key *ecdsa.PrivateKey
	At  time.Time // of the current version

	tb       testing.TB
	mu       sync.Mutex // guards the fields below
	requests []string
	answer   map[string]http.HandlerFunc // by path, instead of the file
}

// NewPublisher publishes the demo scheme under another id.
func NewPublisher(tb testing.TB, id irma.SchemeID) *Publisher {
	tb.Helper()
	key, err := scheme.GenerateKey()
	if err != nil {
		tb.Fatal(err)
	}
	files, err := demo.FS()
	if err != nil {
		tb.Fatal(err)
	}
	p := &Publisher{ID: id, Dir: filepath.Join(tb.TempDir(), string(id)), Key: key, At: SignedAt, tb: tb}
	err = fs.WalkDir(files, string(demo.ID), func(file string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(file, string(demo.ID)+"/")
		if err != nil || d.IsDir() || name == "timestamp" {
			return err
		}
		data, err := fs.ReadFile(files, file)
		p.Write(name, strings.ReplaceAll(string(data), string(demo.ID), string(id)))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	p.Sign()
	return p
}

// Write writes a file of the scheme, which is not signed thereby.
func (p *Publisher) Write(file, content string) {
	p.tb.Helper()
	path := filepath.Join(p.Dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.tb.Fatal(err)
	}
}

// Read returns a file of the scheme.
func (p *Publisher) Read(file string) string {
	p.tb.Helper()
	data, err := os.ReadFile(filepath.Join(p.Dir, filepath.FromSlash(file)))
	if err != nil {
		p.tb.Fatal(err)
	}
	return string(data)
}

// Remove removes a file or folder of the scheme.
func (p *Publisher) Remove(file string) {
	p.tb.Helper()
	if err := os.RemoveAll(filepath.Join(p.Dir, filepath.FromSlash(file))); err != nil {
		p.tb.Fatal(err)
	}
}

// Sign signs the scheme as it is.
func (p *Publisher) Sign() {
	p.tb.Helper()
	if err := scheme.Sign(p.Dir, p.Key, p.At); err != nil {
		p.tb.Fatal(err)
	}
}

// Publish signs a version that is a minute newer.
func (p *Publisher) Publish() {
	p.tb.Helper()
	p.At = p.At.Add(time.Minute)
	p.Sign()
}

// Rename publishes a version in which the issuer gov has another name.
func (p *Publisher) Rename(name string) {
	p.tb.Helper()
	text := p.Read("gov/description.xml")
	from := strings.Index(text, "<en>") + len("<en>")
	to := strings.Index(text, "</en>")
	p.Write("gov/description.xml", text[:from]+"Demo "+name+text[to:])
	p.Publish()
}

// On makes the web server answer requests for a file otherwise.
func (p *Publisher) On(file string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer == nil {
		p.answer = map[string]http.HandlerFunc{}
	}
	p.answer[file] = answer
}

// Asked returns the files asked for since the last call, sorted.
func (p *Publisher) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Sorted(slices.Values(p.requests))
	p.requests = nil
	return out
}

// ServeHTTP implements http.Handler, below a slash and the scheme's id.
func (p *Publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file := strings.TrimPrefix(r.URL.Path, "/"+string(p.ID)+"/")
	p.mu.Lock()
	p.requests = append(p.requests, file)
	answer := p.answer[file]
	p.mu.Unlock()
	if answer == nil {
		answer = http.StripPrefix("/"+string(p.ID), http.FileServerFS(os.DirFS(p.Dir))).ServeHTTP
	}
	answer(w, r)
}

// Load returns the version that is published.
func (p *Publisher) Load() *scheme.Set {
	p.tb.Helper()
	set, err := scheme.LoadDir(filepath.Dir(p.Dir), scheme.Options{})
	if err != nil {
		p.tb.Fatal(err)
	}
	return set
}
