package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/limit"
	"github.com/irmad/irmaserver/cmd/irmad/internal/metrics"
	"github.com/irmad/irmaserver/cmd/irmad/internal/ready"
	"github.com/irmad/irmaserver/cmd/irmad/internal/storage"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/transport"
)

// operations is what operators have of a server: metrics, readiness and limits.
type operations struct {
	settings *config.Settings
	metrics  *metrics.Metrics
	limiter  *limit.Limiter
	ready    *ready.Checker // set by watch
}

// newOperations makes them for a server with this configuration.
func newOperations(s *config.Settings, cfg irmaserver.Config) (*operations, error) {
	if err := s.CheckOperations(); err != nil {
		return nil, err
	}
	proxies, err := limit.ParseProxies(s.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("trusted_proxies: %w", err)
	}
	counted := metrics.New(metrics.Config{Version: buildVersion(), Prefix: s.APIPrefix})
	return &operations{
		settings: s,
		metrics:  counted,
		limiter: limit.New(limit.Config{
			RequestorRate:     s.RequestorRateLimit,
			AddressRate:       s.AddressRateLimit,
			StaticRate:        s.StaticRateLimit,
			RequestorSessions: s.RequestorMaxSessions,
			AddressSessions:   s.AddressMaxSessions,
			AnonymousSessions: s.AnonymousMaxSessions,
			Prefix:            s.APIPrefix,
			Lifetime:          2 * max(cfg.SessionLifetime, 15*time.Minute), // waiting for a wallet, and then for its user
			Proxies:           proxies,
			CORS:              transport.CORSConfig{AllowedOrigins: cfg.AllowedOrigins},
			Refused:           counted.Limited,
			Now:               time.Now,
		}),
	}, nil
}

// watch begins to watch a server.
func (o *operations) watch(server *irmaserver.Server, sessions *storage.Sessions, schemes func() *scheme.Set) {
	o.metrics.Watch(server, schemes)
	o.ready = ready.New(ready.Config{Store: storeAnswers(server, sessions), Schemes: schemes, Now: time.Now})
}

// storeAnswers asks the store for a session that is not there, and whether it
// works otherwise.
func storeAnswers(server *irmaserver.Server, sessions *storage.Sessions) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := server.Status(ctx, "readinessreadiness00")
		if err != nil && !errors.Is(err, irma.ErrSessionUnknown) {
			return err
		}
		if sessions.Ping == nil {
			return nil
		}
		return sessions.Ping(ctx)
	}
}

// wrap puts counting, limits and the answer whether the server is ready before a
// handler.
func (o *operations) wrap(next http.Handler) http.Handler {
	readiness, path := o.ready.Handler(false), o.settings.APIPrefix+"ready"
	limited := o.limiter.Wrap(next)
	return o.metrics.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			readiness.ServeHTTP(w, r)
			return
		}
		limited.ServeHTTP(w, r)
	}))
}

// watched is logged for endpoints of the server, which operators watch and limit.
func (a *app) watched(handler http.Handler) http.Handler {
	return a.operations.wrap(a.logged(handler))
}

// stop makes the server not ready.
func (o *operations) stop() {
	if o != nil { // as in the demo
		o.ready.Stop()
	}
}

// Session implements irmaserver.Observer.
func (o *operations) Session(ctx context.Context, event irmaserver.SessionEvent) {
	o.limiter.Session(ctx, event)
	o.metrics.Session(ctx, event)
}

// Crypto implements irmaserver.Observer.
func (o *operations) Crypto(event irmaserver.CryptoEvent) { o.metrics.Crypto(event) }

// Callback implements irmaserver.Observer.
func (o *operations) Callback(event irmaserver.CallbackEvent) { o.metrics.Callback(event) }
