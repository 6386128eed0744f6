package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/update"
)

// schemeSite is an irmad with the web server of the schemes that it knows.
type schemeSite struct {
	*running
	t   *testing.T
	log *awaitedLog
	web string // its URL; schemes are below /
}

// siteConfig says how an irmad of the tests differs from one without settings.
type siteConfig struct {
	args, env  []string
	watch      time.Duration
	publishers []*schemetest.Publisher // of what are its default schemes
	wrap       func(http.Handler) http.Handler
	unknown    []*schemetest.Publisher // others
	noDefaults bool                    // and the first are no default schemes
}

func startSite(t *testing.T, cfg siteConfig) *schemeSite {
	t.Helper()
	site := &schemeSite{t: t, log: newAwaitedLog()}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, p := range append(cfg.publishers, cfg.unknown...) {
			if strings.HasPrefix(r.URL.Path, "/"+string(p.ID)+"/") {
				p.ServeHTTP(w, r)
				return
			}
		}
		http.NotFound(w, r)
	})
	if cfg.wrap != nil {
		handler = cfg.wrap(handler)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	site.web = web.URL
	for i, arg := range cfg.args {
		cfg.args[i] = strings.ReplaceAll(arg, "WEB", web.URL)
	}
	env := append([]string{"IRMASERVER_SCHEMES_UPDATE=60"}, cfg.env...)
	site.running = startChanged(t, site.log, cfg.watch, env, cfg.args, func(p *process) {
		p.defaultSchemes = []update.Source{}
		for _, publisher := range cfg.publishers {
			if !cfg.noDefaults {
				p.defaultSchemes = append(p.defaultSchemes, sourceOf(publisher, web.URL))
			}
		}
		p.tuneSchemes = func(c *update.Config) { c.RefreshInterval = 1 }
	})
	t.Cleanup(func() { site.stopOnce() })
	site.await(t, "/health")
	return site
}

func sourceOf(p *schemetest.Publisher, web string) update.Source {
	return update.Source{ID: p.ID, URL: web + "/" + string(p.ID), PublicKey: &p.Key.PublicKey}
}

// stopOnce stops the server if the test has not.
func (s *schemeSite) stopOnce() int {
	stop := s.stop
	s.stop = func() int { return cli.ExitOK }
	return stop()
}

// start asks for a session and returns the HTTP status.
func (s *schemeSite) try(request irma.Request) int {
	s.t.Helper()
	resp, _ := s.request(request)
	return resp
}

func (s *schemeSite) request(request irma.Request) (int, *irma.SessionPackage) {
	s.t.Helper()
	r := &demoRequestor{url: s.url + "/", client: http.DefaultClient}
	var out irma.SessionPackage
	if err := r.call(s.t.Context(), http.MethodPost, "session", request, &out); err != nil {
		return http.StatusBadRequest, nil
	}
	return http.StatusOK, &out
}

// begin starts a session.
func (s *schemeSite) begin(request irma.Request) *irma.SessionPackage {
	s.t.Helper()
	status, session := s.request(request)
	if status != http.StatusOK {
		s.t.Fatalf("starting a session failed; the log is\n%s", s.log)
	}
	return session
}

// awaitSession starts sessions until one can be started.
func (s *schemeSite) awaitSession(request irma.Request) {
	s.t.Helper()
	s.until("a session can be started", func() bool { return s.try(request) == http.StatusOK })
}

func (s *schemeSite) until(what string, done func() bool) {
	s.t.Helper()
	tick, deadline := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("waiting until %s; the log is\n%s", what, s.log)
		}
	}
}

// perform has a wallet do a session, which must succeed.
func (s *schemeSite) perform(w *wallet.Wallet, session *irma.SessionPackage) {
	s.t.Helper()
	if _, err := w.Perform(s.t.Context(), session.SessionPtr); err != nil {
		s.t.Fatalf("%s: %v", session.SessionPtr.Action, err)
	}
}

func newWalletOf(t *testing.T, p *schemetest.Publisher) *wallet.Wallet {
	t.Helper()
	w, err := wallet.New(p.Load(), wallet.Config{})
	must(t, err)
	return w
}

func issueAge(p *schemetest.Publisher) irma.Request {
	return irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: irma.CredentialTypeID(p.ID + ".gov.ageLimits"),
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	})
}

func askAge(p *schemetest.Publisher) irma.Request {
	return irma.NewDisclosureRequest(irma.AttributeTypeID(p.ID + ".gov.ageLimits.over18"))
}

// addType publishes a version with another credential type, which is returned.
func addType(p *schemetest.Publisher, name string) irma.Request {
	text := strings.ReplaceAll(p.Read("gov/Issues/root/description.xml"), "<CredentialID>root", "<CredentialID>"+name)
	p.Write("gov/Issues/"+name+"/description.xml", text)
	p.Publish()
	return irma.NewDisclosureRequest(irma.AttributeTypeID(fmt.Sprintf("%s.gov.%s.bsn", p.ID, name)))
}

// install copies what a publisher has into a schemes directory.
func install(t *testing.T, dir string, publishers ...*schemetest.Publisher) {
	t.Helper()
	for _, p := range publishers {
		must(t, os.CopyFS(filepath.Join(dir, string(p.ID)), os.DirFS(p.Dir)))
	}
}

// awaitedLog is a log that can be waited for.
type awaitedLog struct {
	mu      sync.Mutex // guards the fields below
	text    bytes.Buffer
	changed chan struct{}
}

func newAwaitedLog() *awaitedLog { return &awaitedLog{changed: make(chan struct{})} }

func (l *awaitedLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
	return l.text.Write(line)
}

func (l *awaitedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until the log has a text so many times.
func (l *awaitedLog) await(t *testing.T, text string, times int) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		count, changed := strings.Count(l.text.String(), text), l.changed
		l.mu.Unlock()
		if count >= times {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the log has %q %d times, want %d:\n%s", text, count, times, l)
		}
	}
}
