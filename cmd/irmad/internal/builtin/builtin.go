package builtin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Timeout is how long wallets may take to say what they want, and a server to stop.
const Timeout = 10 * time.Second

// Server is a server for the sessions of one command. Stop ends it.
type Server struct {
	*irmaserver.Server
	web     *http.Server
	address string // where it listens, as this machine calls it
}

// Start starts a server that wallets can reach, and requestors cannot: at all addresses
// of this machine, or for port 0 at a free port that only this machine reaches. The URL
// is the one that wallets are told, "" for an address of this machine; if it is wrong the
// error is a cli.UsageError.
func Start(ctx context.Context, port int, url string, set *scheme.Set, log *zap.Logger) (*Server, error) {
	host := ""
	if port == 0 {
		host = "127.0.0.1"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("built-in server: %w (--port chooses another port)", err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	s := &config.Settings{URL: url, ListenAddr: host, Port: port, APIPrefix: "/"}
	if _, err := s.CompleteURL(); err != nil {
		return nil, errors.Join(cli.Usage(err.Error()), listener.Close())
	}
	server, err := irmaserver.New(irmaserver.Config{
		URL:                    s.URL,
		Schemes:                set,
		Logger:                 log,
		AllowUnsignedCallbacks: true, // who writes the request runs the server
		AugmentClientReturnURL: true,
		AuthorizeNext:          permitAll,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("built-in server: %w", err), listener.Close())
	}
	web := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: Timeout, ErrorLog: zap.NewStdLog(log)}
	go func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the built-in server fails", zap.Error(err))
		}
	}()
	return &Server{server, web, fmt.Sprintf("127.0.0.1:%d", port)}, nil
}

// Stop ends the server, and waits for answers that are on their way.
func (b *Server) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	return errors.Join(b.Close(ctx), b.web.Shutdown(ctx))
}

// Statuses returns the statuses of a session from the present one up to its last. An
// error ends them.
func (b *Server) Statuses(ctx context.Context, token irma.RequestorToken) iter.Seq2[irma.Status, error] {
	return func(yield func(irma.Status, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		statuses, err := b.Subscribe(ctx, token)
		if err != nil {
			yield("", err)
			return
		}
		var last irma.Status
		for last = range statuses {
			if !yield(last, nil) {
				return
			}
		}
		if !last.Finished() {
			yield("", context.Cause(ctx))
		}
	}
}

// Client returns a client for the server's own URLs, also where they are those of
// a proxy or tunnel that leads to it.
func (b *Server) Client() *http.Client {
	return &http.Client{Transport: directly{b.address}}
}

// directly sends requests for any host to an address.
type directly struct{ address string }

// RoundTrip implements http.RoundTripper.
func (d directly) RoundTrip(req *http.Request) (*http.Response, error) {
	direct := req.Clone(req.Context())
	direct.Host = req.URL.Host
	direct.URL.Scheme, direct.URL.Host = "http", d.address
	return http.DefaultTransport.RoundTrip(direct)
}

// permitAll lets follow-up sessions be what any session may be where whoever
// starts sessions also runs the server.
func permitAll(context.Context, string, *irma.SessionRequest) error { return nil }
