package main

import (
	"fmt"
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
)

// newEndpoints returns where the app listens: at one address, or at one for
// requestors and one for wallets (spec 02 §10).
func (a *app) newEndpoints() ([]endpoint.Endpoint, error) {
	s, all := a.settings, newRouter(a.irma, a.settings.APIPrefix)
	if s.StaticPath != "" {
		prefix := s.APIPrefix[:len(s.APIPrefix)-1] + s.StaticPrefix
		files, err := newFiles(s.StaticPath, prefix)
		if err != nil {
			return nil, fmt.Errorf("invalid static_path: %w", err)
		}
		all.files, all.filePrefix = files, prefix
	}
	server := endpoint.Endpoint{Name: "server", Addr: s.ListenAddr, Port: s.Port, Option: "port", TLS: a.live.server.config()}
	if s.ClientPort == 0 {
		server.Handler = a.watched(all)
		return []endpoint.Endpoint{server}, nil
	}
	client := endpoint.Endpoint{Name: "client server", Addr: s.ClientListenAddr, Port: s.ClientPort, Option: "client-port", TLS: a.live.client.config()}
	server.Handler = a.watched(&router{prefix: all.prefix, requestors: all.requestors, openapi: all.openapi})
	all.requestors = nil
	client.Handler = a.watched(all)
	return []endpoint.Endpoint{server, client}, nil
}

// logged logs requests to the handler if that is asked for.
func (a *app) logged(handler http.Handler) http.Handler {
	if a.settings.Verbose > 1 {
		return logRequests(handler, a.settings.APIPrefix, a.log.Named("http"))
	}
	return handler
}
