package irmaserver_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// virtualSite is a server whose clock and network exist only in a test, so that
// minutes pass at once. Nothing in it may outlive the test.
type virtualSite struct {
	t       *testing.T
	irma    *irmaserver.Server
	network *pipes
	client  *http.Client
}

// virtualConfig says how a virtual site differs from a plain one. Nil fields
// change nothing.
type virtualConfig struct {
	server func(*http.Server)
	irma   func(*irmaserver.Config)
	wrap   func(http.Handler) http.Handler
	mode   mode
}

// mode is how a virtual site serves event streams.
type mode string

const (
	inHandler mode = "" // HTTP/1.1
	detached  mode = "detached"
	http2     mode = "HTTP 2"
)

var modes = []mode{inHandler, detached, http2}

const virtualURL = "http://irma.test"

// inVirtualSite runs a test with a server that is reached over HTTP, in virtual
// time.
func inVirtualSite(t *testing.T, cfg virtualConfig, test func(t *testing.T, v *virtualSite)) {
	t.Helper()
	schemes := demoSchemes(t)
	synctest.Test(t, func(t *testing.T) {
		settings := irmaserver.Config{Schemes: schemes, URL: virtualURL + "/irma/", SessionLifetime: 10 * time.Minute, ResultLifetime: 2 * time.Minute}
		if cfg.irma != nil {
			cfg.irma(&settings)
		}
		s, err := irmaserver.New(settings)
		if err != nil {
			t.Fatal(err)
		}
		mux := http.NewServeMux()
		mux.Handle("/irma/", s.Handler())
		mux.Handle("/session", s.RequestorHandler())
		mux.Handle("/session/", s.RequestorHandler())
		front := &http.Server{Handler: mux}
		if cfg.wrap != nil {
			front.Handler = cfg.wrap(mux)
		}
		streams := transport.NewStreams()
		if cfg.mode == detached {
			front.Handler = streams.Wrap(front.Handler)
		}
		if cfg.server != nil {
			cfg.server(front)
		}
		network := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
		client := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return network.dial() }}
		if cfg.mode == http2 {
			front.Protocols, client.Protocols = new(http.Protocols), new(http.Protocols)
			front.Protocols.SetUnencryptedHTTP2(true)
			client.Protocols.SetUnencryptedHTTP2(true)
		}
		var serving sync.WaitGroup
		serving.Go(func() { _ = front.Serve(network) })

		test(t, &virtualSite{t: t, irma: s, network: network, client: &http.Client{Transport: client}})

		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := streams.Close(t.Context()); err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
		if err := front.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
}

func (v *virtualSite) start(timeout int) *irma.SessionPackage {
	return startDisclosure(v.t, v.irma, timeout)
}

// do sends a request. headers alternate names and values.
func (v *virtualSite) do(method, url string, headers ...string) *http.Response {
	v.t.Helper()
	response, err := v.client.Do(newRequest(v.t, method, url, headers))
	if err != nil {
		v.t.Fatal(err)
	}
	return response
}

// connect connects a wallet, which must succeed.
func (v *virtualSite) connect(session *irma.SessionPackage) {
	v.t.Helper()
	response := v.do("GET", session.SessionPtr.URL, walletHeaders("wallet")...)
	_, _ = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		v.t.Fatalf("connecting: %s", response.Status)
	}
}

// listen opens an event stream, which must succeed.
func (v *virtualSite) listen(url string, headers ...string) *events {
	v.t.Helper()
	return newEvents(v.t, v.do("GET", url, headers...))
}

func newRequest(t testing.TB, method, url string, headers []string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// pipes is a network of one server: what it writes, a client must read first.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial() (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.waiting <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
