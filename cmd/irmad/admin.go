package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
	"github.com/irmad/irmaserver/cmd/irmad/internal/openapi"
	"github.com/irmad/irmaserver/irma"
)

// admin returns the endpoints for operators.
func (o *operations) admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", o.metrics.Handler())
	mux.Handle("/ready", o.ready.Handler(true))
	mux.Handle("/openapi.json", openapi.Handler(o.settings.APIPrefix))
	mux.HandleFunc("/health", health)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, irma.ErrNotFound) })
	return mux
}

// serveAdmin answers operators until the returned function is called. Without
// the option for it, it does nothing.
func (a *app) serveAdmin(ctx context.Context) (end func(), err error) {
	if a.settings.AdminPort == 0 {
		return func() {}, nil
	}
	host := a.settings.AdminHost()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(a.settings.AdminPort)))
	if err != nil {
		return nil, fmt.Errorf("admin_port: %w", err)
	}
	a.log.Info("admin listening", zap.Stringer("address", listener.Addr()))
	handler := a.operations.admin()
	if at, ok := listener.Addr().(*net.TCPAddr); ok && at.IP.IsLoopback() {
		handler = onlyLocal(handler, host)
	} else {
		a.log.Warn("the admin port is reachable from other machines, without TLS and authentication")
	}
	server := (&endpoint.Endpoint{Handler: handler}).Server(a.log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("admin listener ended", zap.Error(err))
		}
	}()
	return func() {
		_ = server.Close() // nothing is lost
		<-served
	}, nil
}

// onlyLocal returns a handler for a port that only this machine reaches. A page in
// a browser of this machine reaches it too, under any name that its owner lets
// point here; so requests must be for a name or address of this machine, or the
// one that the operator has given.
func onlyLocal(next http.Handler, given string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostname(r.Host); isLocal(host) || host == hostname(given) {
			next.ServeHTTP(w, r)
			return
		}
		refuse(w, &irma.Error{
			Status: http.StatusMisdirectedRequest, Name: irma.ErrInvalidRequest.Name, Description: irma.ErrInvalidRequest.Description,
			Message: "this port answers only to localhost, the addresses of this machine's loopback, and admin_listen_addr",
		})
	})
}

// isLocal reports whether a host is this machine. None is given by probes that
// speak HTTP/1.0, and never by browsers.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// hostname returns a host without port and brackets, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}
