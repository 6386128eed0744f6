package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/systemd"
	"github.com/irmad/irmaserver/transport"
)

// retire makes the server not ready, and goes on serving for a while, so that load
// balancers see it and stop sending requests. A second signal ends the process.
func (a *app) retire() {
	a.log.Info("stopping")
	a.operations.stop()
	a.notify(systemd.Stopping)
	time.Sleep(a.settings.StopDelay())
}

// stop ends serving in an order that loses nothing: event streams end and running
// requests get their answer, at all servers at once; then results due at callbacks
// are posted. Requests have at most half of the time for it, so that one slow
// client does not cost a result.
func (a *app) stop(servers []*http.Server, streams *transport.Streams) error {
	streams.End()
	all, cancel := context.WithTimeout(context.Background(), a.settings.StopTimeout())
	defer cancel()
	requests, cancel := context.WithTimeout(all, a.settings.StopTimeout()/2)
	defer cancel()
	var draining sync.WaitGroup
	for _, server := range servers {
		draining.Go(func() {
			if err := server.Shutdown(requests); err != nil {
				a.log.Warn("some requests did not finish in time", zap.Error(err))
				_ = server.Close() // reports what is already known
			}
		})
	}
	draining.Go(func() {
		if err := streams.Close(requests); err != nil {
			a.log.Warn("some event streams did not end in time", zap.Error(err))
		}
	})
	draining.Wait()
	return errors.Join(a.irma.Close(all), a.sessions.Close())
}

// notify tells systemd, if it runs the process, how that is doing.
func (a *app) notify(state string) {
	if err := systemd.Notify(a.notifySocket, state); err != nil {
		a.log.Warn("the service manager does not hear", zap.Error(err))
	}
}
