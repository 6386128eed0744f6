package update_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme/update"
)

func body(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}

// signIndex makes the publisher's index say something else, with its signature.
func signIndex(t *testing.T, p *publisher, change func(string) string) {
	t.Helper()
	index := []byte(change(p.Read("index")))
	p.On("index", body(index))
	p.On("index.sig", body(sign(t, p.Key, index)))
}

// TestRefused checks everything that a web server could do wrong while there is
// an installed version: that one stays, and nothing is left behind.
func TestRefused(t *testing.T) {
	t.Parallel()
	const card = "gov/Issues/root/description.xml"
	tests := map[string]struct {
		change func(*testing.T, *publisher)
		want   string // in the error
	}{
		"tampered file":      {func(_ *testing.T, p *publisher) { p.On(card, body([]byte("x"))) }, "hash"},
		"tampered timestamp": {func(_ *testing.T, p *publisher) { p.On("timestamp", body([]byte("1999999999\n"))) }, "hash"},
		"tampered index": {func(_ *testing.T, p *publisher) {
			p.On("index", body([]byte(strings.ToUpper(p.Read("index")))))
		}, "signature"},
		"other key": {func(t *testing.T, p *publisher) {
			p.On("index.sig", body(sign(t, newPublisher(t, "test").Key, []byte(p.Read("index")))))
		}, "signature"},
		"no signature": {func(_ *testing.T, p *publisher) { p.On("index.sig", http.NotFound) }, "404"},
		"file missing": {func(_ *testing.T, p *publisher) { p.On(card, http.NotFound) }, "404"},
		"path outside": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return index + strings.Repeat("0", 64) + " test/../../x\n" })
		}, "plain path"},
		"absolute path": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return index + strings.Repeat("0", 64) + " /test/x\n" })
		}, "plain path"},
		"other scheme": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return strings.ReplaceAll(index, " test/", " toast/") })
		}, "is scheme toast"},
		"index says what the key is": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return index + strings.Repeat("0", 64) + " test/pk.pem\n" })
		}, "hash"},
		"file within a file": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return index + index[:64] + " test/timestamp/x\n" })
		}, "timestamp"},
		"no timestamp": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string { return strings.ReplaceAll(index, "test/timestamp", "test/x") })
		}, "timestamp"},
		"large file":      {func(_ *testing.T, p *publisher) { p.On(card, endless) }, "larger"},
		"large index":     {func(_ *testing.T, p *publisher) { p.On("index", endless) }, "larger"},
		"large signature": {func(_ *testing.T, p *publisher) { p.On("index.sig", endless) }, "larger"},
		"large timestamp": {func(_ *testing.T, p *publisher) { p.On("timestamp", endless) }, "larger"},
		"many files": {func(t *testing.T, p *publisher) {
			signIndex(t, p, func(index string) string {
				var out strings.Builder
				for i := range 20_001 {
					out.WriteString(index[:64] + " test/" + strings.Repeat("x", 1+i%7) + time.Duration(i).String() + "\n")
				}
				return out.String()
			})
		}, "more than"},
		"wrong contents": {func(_ *testing.T, p *publisher) {
			p.Write(card, "<IssueSpecification version=\"4\"/>")
			p.Publish()
		}, "checking the new version"},
		"lost description": {func(_ *testing.T, p *publisher) {
			p.Remove("gov/description.xml")
			p.Publish()
		}, "checking the new version"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, "test")
			dir := filepath.Join(t.TempDir(), "schemes")
			var failed error
			cfg := config(dir, p)
			cfg.Observer = func(e update.Event) {
				if e.State == update.Failed {
					failed = e.Err
				}
			}
			u := newUpdater(t, cfg)
			mustUpdate(t, u)
			before, set := files(t, dir), u.Current()
			p.Write(card, p.Read(card)+"\n")
			p.Publish()
			test.change(t, p)
			err := u.Update(context.Background())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
			if !errors.Is(err, failed) || failed == nil {
				t.Errorf("observer was told %v", failed)
			}
			if diff := cmp.Diff(before, files(t, filepath.Dir(dir)+"/schemes")); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if got := leftovers(t, dir); len(got) > 0 || u.Current() != set {
				t.Errorf("left behind: %v, same set: %v", got, u.Current() == set)
			}
		})
	}
}

// endless answers with more than any limit.
func endless(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.Copy(w, io.LimitReader(zeros{}, 11<<20))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestNotNewer(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	old := filepath.Join(t.TempDir(), "old")
	if err := os.CopyFS(old, os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p.Rename("Town")
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	current := p.Dir

	p.Dir = old
	if err := u.Update(context.Background()); !errors.Is(err, update.ErrNotNewer) {
		t.Errorf("for an older version: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "test", "index")); err != nil {
		t.Fatal(err)
	}
	if err := u.Update(context.Background()); !errors.Is(err, update.ErrNotNewer) {
		t.Errorf("for an older version when the installed one is damaged: %v", err)
	}
	p.Dir = current
	mustUpdate(t, u)
	p.Write("gov/logo.png", "other")
	p.Remove("timestamp")
	p.Sign()
	if err := u.Update(context.Background()); !errors.Is(err, update.ErrNotNewer) {
		t.Errorf("for other contents of the same time: %v", err)
	}
	if got := issuerName(onDisk(t, dir), "test"); got != "Demo Town" {
		t.Errorf("name is %q", got)
	}
}

// TestOwnKey checks that a scheme signed with another key is not replaced.
func TestOwnKey(t *testing.T) {
	t.Parallel()
	own, p := newPublisher(t, "test"), newPublisher(t, "test")
	p.Publish()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "test"), os.DirFS(own.Dir)); err != nil {
		t.Fatal(err)
	}
	u := newUpdater(t, config(dir, p))
	if err := u.Update(context.Background()); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(files(t, own.Dir), files(t, filepath.Join(dir, "test"))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestOneFails checks that a scheme that fails does not stop the others.
func TestOneFails(t *testing.T) {
	t.Parallel()
	a, b, c := newPublisher(t, "a"), newPublisher(t, "b"), newPublisher(t, "c")
	b.On("index", http.NotFound)
	u := newUpdater(t, config(t.TempDir(), a, b, c))
	err := u.Update(context.Background())
	if err == nil || !strings.Contains(err.Error(), "scheme b") || strings.Contains(err.Error(), "scheme a") {
		t.Errorf("error %v", err)
	}
	if issuerName(u.Current(), "a") == "" || issuerName(u.Current(), "b") != "" || issuerName(u.Current(), "c") == "" {
		t.Error("not all others were installed")
	}
}

// TestSlow checks that a web server that never answers, or never ends, costs a
// bounded time.
func TestSlow(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"no answer": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"no end": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(stalled{r.Context()})}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, "test")
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				cfg := config(dir, p)
				cfg.HTTPClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.URL.Path, "gov/logo.png") {
						return answer(r)
					}
					return web{p}.RoundTrip(r)
				})
				u := newUpdater(t, cfg)
				start := time.Now()
				if err := u.Update(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); took != 63*time.Second {
					t.Errorf("took %v, want three times 20 seconds with pauses of 1 and 2", took)
				}
			})
			if got := leftovers(t, dir); len(got) > 0 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

// TestRetry checks that a file whose transfer breaks off is fetched again.
func TestRetry(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		cfg := config(dir, p)
		var attempts atomic.Int32
		cfg.HTTPClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			response, err := web{p}.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "gov/logo.png") && attempts.Add(1) < 3 {
				half := make([]byte, 100)
				_, _ = io.ReadFull(response.Body, half)
				response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(half), broken{}))
			}
			return response, err
		})
		mustUpdate(t, newUpdater(t, cfg))
		if attempts.Load() != 3 {
			t.Errorf("%d attempts", attempts.Load())
		}
	})
	if got := files(t, dir)["test/gov/logo.png"]; got != p.Read("gov/logo.png") {
		t.Error("the file is wrong")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestCancelled checks that an update ends with its context.
func TestCancelled(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	p.On("gov/logo.png", func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	u := newUpdater(t, config(dir, p))
	if err := u.Update(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

// TestServer fetches over a network, with TLS.
func TestServer(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	server := httptest.NewTLSServer(p)
	defer server.Close()
	source := source(p)
	source.URL = server.URL + "/test"
	u := newUpdater(t, update.Config{Dir: t.TempDir(), Schemes: []update.Source{source}, HTTPClient: server.Client()})
	mustUpdate(t, u)
	if issuerName(u.Current(), "test") == "" {
		t.Error("not installed")
	}
	u = newUpdater(t, update.Config{Dir: t.TempDir(), Schemes: []update.Source{source}})
	if err := u.Install(t.Context(), source); err == nil {
		t.Error("trusted a certificate of nobody")
	}
}

// TestRedirect checks that a web server cannot send us where others see and
// change what we fetch.
func TestRedirect(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	plain := httptest.NewServer(p)
	defer plain.Close()
	server := httptest.NewTLSServer(http.RedirectHandler(plain.URL+"/test/index", http.StatusFound))
	defer server.Close()
	source := source(p)
	source.URL = server.URL + "/test"
	u := newUpdater(t, update.Config{Dir: t.TempDir(), Schemes: []update.Source{source}, HTTPClient: server.Client()})
	if err := u.Update(t.Context()); err == nil || !strings.Contains(err.Error(), "https only") {
		t.Errorf("error %v", err)
	}
	if got := p.Asked(); len(got) > 0 {
		t.Errorf("asked for %v", got)
	}
}

// TestProxy fetches through a proxy, by a URL with http so that the proxy sees
// the requests.
func TestProxy(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	var hosts atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "schemes.example" {
			hosts.Add(1)
		}
		p.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	source := source(p)
	source.URL = "http://schemes.example/test"
	transport := &http.Transport{Proxy: http.ProxyURL(address)}
	defer transport.CloseIdleConnections()
	u := newUpdater(t, update.Config{
		Dir: t.TempDir(), Schemes: []update.Source{source}, PlainHTTP: true, HTTPClient: &http.Client{Transport: transport},
	})
	mustUpdate(t, u)
	if issuerName(u.Current(), "test") == "" || int(hosts.Load()) != len(p.Asked()) {
		t.Errorf("%d requests through the proxy", hosts.Load())
	}
}

func TestMirror(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	cfg := config(t.TempDir(), p)
	cfg.Mirror = "https://mirror.example/some/where/"
	cfg.HTTPClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		path, found := strings.CutPrefix(r.URL.Path, "/some/where")
		if r.URL.Host != "mirror.example" || !found {
			t.Errorf("asked %s", r.URL)
		}
		r.URL.Path = path
		return web{p}.RoundTrip(r)
	})
	u := newUpdater(t, cfg)
	mustUpdate(t, u)
	if issuerName(u.Current(), "test") == "" {
		t.Error("not installed")
	}
	other := newPublisher(t, "test")
	other.Publish()
	cfg.HTTPClient = &http.Client{Transport: web{other}}
	cfg.Mirror = "https://mirror.example"
	if err := newUpdater(t, cfg).Update(t.Context()); err == nil {
		t.Error("trusted the mirror's own scheme")
	}
}
