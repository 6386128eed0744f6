package irmatest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// closing bounds how long a server may take to stop at the end of a test.
const closing = 10 * time.Second

// Option changes the configuration of the server under test. URL is filled in
// and Schemes are the demo schemes unless an Option replaces them.
type Option func(*irmaserver.Config)

// Server is an irmaserver that listens on a free port of this machine. Its
// fields must not be changed.
type Server struct {
	URL     string // "http://127.0.0.1:port": requestors use URL/session, wallets URL/irma/
	Irma    *irmaserver.Server
	Schemes *scheme.Set
}

// NewServer starts a server that stops at the end of the test. The test fails
// if the server cannot start, or does not stop in time.
func NewServer(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	mux := http.NewServeMux()
	listener := httptest.NewServer(mux)
	tb.Cleanup(listener.Close)

	cfg := irmaserver.Config{URL: listener.URL + "/irma/", PrimePool: -1} // tests issue too little for one
	for _, opt := range opts {
		opt(&cfg)
	}
	if cfg.Schemes == nil {
		cfg.Schemes = demoSchemes(tb)
	}
	server, err := irmaserver.New(cfg)
	if err != nil {
		tb.Fatalf("irmatest: %v", err)
	}
	tb.Cleanup(func() { stop(tb, server) })

	mux.Handle("/irma/", server.Handler())
	mux.Handle("/session", server.RequestorHandler())
	mux.Handle("/session/", server.RequestorHandler())
	return &Server{URL: listener.URL, Irma: server, Schemes: cfg.Schemes.Current()}
}

func demoSchemes(tb testing.TB) *scheme.Set {
	tb.Helper()
	set, err := demo.Set()
	if err != nil {
		tb.Fatalf("irmatest: %v", err)
	}
	return set
}

// stop runs before the listener closes, which waits for event streams that the
// server ends.
func stop(tb testing.TB, server *irmaserver.Server) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if err := server.Close(ctx); err != nil {
		tb.Errorf("irmatest: %v", err)
	}
}
