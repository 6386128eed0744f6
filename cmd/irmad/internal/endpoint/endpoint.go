package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// Limits on connections. A phone on a bad network must get its proofs across,
// and a connection that does nothing must not stay.
const (
	headerTimeout = 10 * time.Second
	bodyPause     = 30 * time.Second // without any byte of the body
	bodyTimeout   = 2 * time.Minute  // of the whole body
	leftoverPause = time.Second      // for a body that nobody wants
	writeTimeout  = 3 * time.Minute  // counts from the end of the request's header
	idleTimeout   = 90 * time.Second
	pingAfter     = 30 * time.Second // of silence on an HTTP/2 connection
	pingTimeout   = 15 * time.Second
	maxHeader     = 64 << 10
	maxStreams    = 100 // requests at once on an HTTP/2 connection
)

// Endpoint is an address with what is served there. To serve at a listener that is
// there already, only the handler is needed.
type Endpoint struct {
	Name    string // for people
	Addr    string
	Port    int
	Option  string // that sets the port
	Handler http.Handler
	TLS     *tls.Config // nil without TLS
}

// Listen takes the port. The errors say what to do, by the name of the option.
func (e *Endpoint) Listen(ctx context.Context) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(e.Addr, strconv.Itoa(e.Port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is in use by another program: stop that, or choose another port with --%s", e.Port, e.Option)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at port %d: choose one above 1023 with --%s", e.Port, e.Option)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("failed to start server: %s is no address of this machine: correct it, or leave it out to listen at all", e.Addr)
	case err != nil:
		return nil, fmt.Errorf("failed to start server: %w", err)
	}
	return listener, nil
}

// Server returns an HTTP server for the handler, with limits on every connection,
// which logs what goes wrong on them as "http".
func (e *Endpoint) Server(log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           bePatient(e.Handler),
		TLSConfig:         e.TLS,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		ErrorLog:          newHTTPLog(log.Named("http")),
	}
}

// Serve answers requests with what Server returned until that is shut down. The error
// is never nil.
func (e *Endpoint) Serve(server *http.Server, listener net.Listener) error {
	if e.TLS != nil {
		return server.ServeTLS(listener, "", "") // with the certificate of TLSConfig
	}
	return server.Serve(listener)
}
