package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap"
)

// Limits on connections. A phone on a bad network must get its proofs across,
// and a connection that does nothing must not stay.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second // counts from the end of the request's header
	idleTimeout   = 60 * time.Second
	maxHeader     = 64 << 10
	stopTimeout   = 10 * time.Second
)

// serve runs the server until ctx ends.
func serve(ctx context.Context, p *process) error {
	a, err := configure(p)
	if errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.stdout, "serve")
	}
	if err != nil {
		return fmt.Errorf("failed to configure server: %w", err)
	}
	listener, err := a.listen(ctx)
	if err != nil {
		return errors.Join(err, a.close())
	}
	a.log.Info("listening", zap.Stringer("address", listener.Addr()), zap.String("url", a.settings.URL))
	if !a.settings.Production && !a.settings.Quiet && !a.settings.LogJSON {
		a.welcome(p.stdout)
	}
	err = a.serve(ctx, listener)
	a.log.Info("stopped")
	return err
}

func (a *app) listen(ctx context.Context) (net.Listener, error) {
	address := net.JoinHostPort(a.settings.ListenAddr, strconv.Itoa(a.settings.Port))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %d is in use by another program: stop that, or choose another port with --port", a.settings.Port)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at port %d: choose one above 1023 with --port", a.settings.Port)
	case err != nil:
		return nil, fmt.Errorf("failed to start server: %w", err)
	}
	return listener, nil
}

// serve answers requests until ctx ends. Then it stops accepting, lets running
// requests finish, and closes the server.
func (a *app) serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           endStreams(ctx, a.handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          zap.NewStdLog(a.log.Named("http")),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serving: %w", err), a.close())
	case <-ctx.Done():
	}
	a.log.Info("stopping")
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		a.log.Warn("some requests did not finish in time", zap.Error(err))
		_ = server.Close() // reports what is already known
	}
	return a.close()
}

// close ends the sessions' engine.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return a.irma.Close(ctx)
}
