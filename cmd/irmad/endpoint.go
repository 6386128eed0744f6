package main

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

// endpoint is an address with what is served there.
type endpoint struct {
	name    string // for people
	addr    string
	port    int
	option  string // that sets the port
	handler http.Handler
	tls     *tls.Config // nil without TLS
}

// newEndpoints returns where the app listens: at one address, or at one for
// requestors and one for wallets (spec 02 §10).
func (a *app) newEndpoints() ([]endpoint, error) {
	s, all := a.settings, newRouter(a.irma, a.settings.APIPrefix)
	if s.StaticPath != "" {
		prefix := s.APIPrefix[:len(s.APIPrefix)-1] + s.StaticPrefix
		files, err := newFiles(s.StaticPath, prefix)
		if err != nil {
			return nil, fmt.Errorf("invalid static_path: %w", err)
		}
		all.files, all.filePrefix = files, prefix
	}
	server := endpoint{name: "server", addr: s.ListenAddr, port: s.Port, option: "port", tls: a.live.server.config()}
	if s.ClientPort == 0 {
		server.handler = a.watched(all)
		return []endpoint{server}, nil
	}
	client := endpoint{name: "client server", addr: s.ClientListenAddr, port: s.ClientPort, option: "client-port", tls: a.live.client.config()}
	server.handler = a.watched(&router{prefix: all.prefix, requestors: all.requestors, openapi: all.openapi})
	all.requestors = nil
	client.handler = a.watched(all)
	return []endpoint{server, client}, nil
}

// logged logs requests to the handler if that is asked for.
func (a *app) logged(handler http.Handler) http.Handler {
	if a.settings.Verbose > 1 {
		return logRequests(handler, a.settings.APIPrefix, a.log.Named("http"))
	}
	return handler
}

// listen takes the port.
func (e *endpoint) listen(ctx context.Context) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(e.addr, strconv.Itoa(e.port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is in use by another program: stop that, or choose another port with --%s", e.port, e.option)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at port %d: choose one above 1023 with --%s", e.port, e.option)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("failed to start server: %s is no address of this machine: correct it, or leave it out to listen at all", e.addr)
	case err != nil:
		return nil, fmt.Errorf("failed to start server: %w", err)
	}
	return listener, nil
}

// server returns an HTTP server.
func (e *endpoint) server(log *zap.Logger) *http.Server {
	return &http.Server{
		Handler:           bePatient(e.handler),
		TLSConfig:         e.tls,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		ErrorLog:          newHTTPLog(log.Named("http")),
	}
}

// serve answers requests until the server is shut down.
func (e *endpoint) serve(server *http.Server, listener net.Listener) error {
	if e.tls != nil {
		return server.ServeTLS(listener, "", "") // with the certificate of TLSConfig
	}
	return server.Serve(listener)
}
