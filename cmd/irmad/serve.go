package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

// stopTimeout is how long a server that stops waits for what is going on.
const stopTimeout = 10 * time.Second

// serve runs the server until ctx ends.
func serve(ctx context.Context, p *process) error {
	_, a, err := configure(p, false)
	if read := (*readError)(nil); errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.stdout, "serve")
	} else if errors.As(err, &read) {
		return fmt.Errorf("failed to read configuration: %w", err)
	} else if err != nil {
		return fmt.Errorf("failed to configure server: %w", err)
	}
	listeners, err := a.listen(ctx)
	if err != nil {
		return errors.Join(err, a.close())
	}
	if s := a.settings; !s.Production && !s.Quiet && !s.LogJSON && s.NoAuth {
		a.welcome(p.stdout)
	}
	ctx, cancel := context.WithCancel(ctx)
	var reloading sync.WaitGroup
	reloading.Go(func() { newReloader(a, p).run(ctx) })
	err = a.serve(ctx, listeners...)
	cancel()
	reloading.Wait()
	a.log.Info("stopped")
	return err
}

// listen takes the ports of all endpoints, or none.
func (a *app) listen(ctx context.Context) ([]net.Listener, error) {
	var listeners []net.Listener
	for i := range a.endpoints {
		e := &a.endpoints[i]
		listener, err := e.listen(ctx)
		if err != nil {
			for _, open := range listeners {
				_ = open.Close() // nobody has connected
			}
			return nil, err
		}
		listeners = append(listeners, listener)
		a.log.Info("listening", zap.String("endpoint", e.name), zap.Stringer("address", listener.Addr()),
			zap.String("api_prefix", a.settings.APIPrefix), zap.Bool("tls", e.tls != nil))
	}
	a.log.Info("wallets connect", zap.String("url", a.settings.URL))
	return listeners, nil
}

// serve answers requests until ctx ends or a listener fails. Then it stops
// accepting, lets running requests finish, and closes the server.
func (a *app) serve(ctx context.Context, listeners ...net.Listener) error {
	streaming, endStreams := context.WithCancel(ctx)
	defer endStreams()
	servers, failed := make([]*http.Server, len(listeners)), make(chan error, len(listeners))
	for i, listener := range listeners {
		server, e := a.endpoints[i].server(streaming, a.log), &a.endpoints[i]
		servers[i] = server
		go func() { failed <- e.serve(server, listener) }()
	}
	var failure error
	select {
	case err := <-failed:
		failure = fmt.Errorf("serving: %w", err)
		endStreams()
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	a.drain(context.WithoutCancel(ctx), servers)
	return errors.Join(failure, a.close())
}

// drain stops accepting at all servers at once, and waits a while for the
// requests that have begun.
func (a *app) drain(ctx context.Context, servers []*http.Server) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	var draining sync.WaitGroup
	for _, server := range servers {
		draining.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				a.log.Warn("some requests did not finish in time", zap.Error(err))
				_ = server.Close() // reports what is already known
			}
		})
	}
	draining.Wait()
}

// close ends the sessions' engine.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return a.irma.Close(ctx)
}
