package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/systemd"
	"github.com/irmad/irmaserver/transport"
)

// serve runs the server until ctx ends.
func serve(ctx context.Context, p *process) error {
	_, a, err := configure(p, false)
	if read := (*readError)(nil); errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.Stdout, "serve")
	} else if errors.As(err, &read) {
		return fmt.Errorf("failed to read configuration: %w", err)
	} else if err != nil {
		return fmt.Errorf("failed to configure server: %w", err)
	}
	listeners, err := a.listen(ctx)
	if err != nil {
		return errors.Join(err, a.close())
	}
	endAdmin, err := a.serveAdmin(ctx)
	if err != nil {
		for _, listener := range listeners {
			_ = listener.Close() // nobody has been answered
		}
		return errors.Join(err, a.close())
	}
	defer endAdmin()
	if s := a.settings; !s.Production && !s.Quiet && !s.LogJSON && s.NoAuth {
		a.welcome(p.Stdout)
	}
	ctx, cancel := context.WithCancel(ctx)
	var reloading sync.WaitGroup
	if p.heap != nil {
		reloading.Go(func() { p.heap(ctx) })
	}
	reloading.Go(func() { newReloader(a, p).run(ctx) })
	reloading.Go(func() { a.schemes.run(ctx) })
	reloading.Go(func() { a.watchSchemes(ctx) })
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
		listener, err := e.Listen(ctx)
		if err != nil {
			for _, open := range listeners {
				_ = open.Close() // nobody has connected
			}
			return nil, err
		}
		listeners = append(listeners, listener)
		a.log.Info("listening", zap.String("endpoint", e.Name), zap.Stringer("address", listener.Addr()),
			zap.String("api_prefix", a.settings.APIPrefix), zap.Bool("tls", e.TLS != nil))
	}
	a.log.Info("wallets connect", zap.String("url", a.settings.URL))
	return listeners, nil
}

// serve answers requests until ctx ends or a listener fails, and then stops.
func (a *app) serve(ctx context.Context, listeners ...net.Listener) error {
	addThreads(a.spare)
	streams := transport.NewStreams()
	servers, failed := make([]*http.Server, len(listeners)), make(chan error, len(listeners))
	for i, listener := range listeners {
		e := a.endpoints[i]
		e.Handler = streams.Wrap(e.Handler)
		server := e.Server(a.log)
		servers[i] = server
		go func() { failed <- e.Serve(server, listener) }()
	}
	a.notify(systemd.Ready)
	var failure error
	select {
	case err := <-failed:
		failure = fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
		a.retire()
	}
	return errors.Join(failure, a.stop(servers, streams))
}

// close ends the sessions' engine and their store.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), a.settings.StopTimeout())
	defer cancel()
	return errors.Join(a.irma.Close(ctx), a.sessions.Close())
}
