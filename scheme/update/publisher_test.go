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
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

type publisher = schemetest.Publisher

func newPublisher(tb testing.TB, id irma.SchemeID) *publisher {
	tb.Helper()
	return schemetest.NewPublisher(tb, id)
}

// source says where the web of a publisher has its scheme.
func source(p *publisher) update.Source {
	return update.Source{ID: p.ID, URL: "https://schemes.example/" + string(p.ID), PublicKey: &p.Key.PublicKey}
}

// web answers requests for the schemes of publishers, without a network.
type web []*publisher

func (s web) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, p := range s {
		if strings.HasPrefix(r.URL.Path, "/"+string(p.ID)+"/") {
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
		cfg.Schemes = append(cfg.Schemes, source(p))
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
