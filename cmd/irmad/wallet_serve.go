package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
)

// serve answers requests of a test suite until ctx ends.
func (f *walletFlags) serve(ctx context.Context, p *process, flags *pflag.FlagSet) (err error) {
	if decisions(flags) > 0 || f.json {
		return &usageError{"wallet serve is told by each request what the user wants: leave --refuse, --all, --choose and --json out"}
	}
	if f.file != "" {
		unlock, err := lockWallet(ctx, f.file, p.stderr)
		if err != nil {
			return err
		}
		defer unlock()
	}
	schemes, err := walletSchemes(f.schemesPath, p.stderr)
	if err != nil {
		return err
	}
	issuer, err := startBuiltin(ctx, new(sessionFlags), schemes, zap.NewNop())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issuer.stop()) }()
	api, err := walletapi.New(f.served(schemes, issuer))
	if err != nil {
		return err
	}
	defer api.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("wallet: %w (--listen chooses another address)", err)
	}
	if tcp, isTCP := listener.Addr().(*net.TCPAddr); isTCP && !tcp.IP.IsLoopback() {
		fmt.Fprintln(p.stderr, "irmad: everybody who reaches this address can use the wallet, and see what is in it")
	}
	fmt.Fprintf(p.stdout, "wallet at http://%s\n", listener.Addr())
	return serveWallet(ctx, listener, api)
}

// served says how the wallet is kept.
func (f *walletFlags) served(schemes *scheme.Set, issuer *builtinServer) walletapi.Config {
	cfg := walletapi.Config{Schemes: schemes, Hosts: f.allowHosts, Issuer: issuer.StartSession}
	if f.file != "" {
		cfg.Load = func(w *wallet.Wallet) error {
			_, err := loadWallet(w, f.file)
			return err
		}
		cfg.Save = func(w *wallet.Wallet) error { return saveWallet(w, f.file) }
	}
	return cfg
}

// serveWallet serves until ctx ends. Sessions then stop, with an answer to those who
// wait for them.
func serveWallet(ctx context.Context, listener net.Listener, api *walletapi.Server) error {
	e := endpoint{name: "wallet", handler: api}
	server := e.server(ctx, zap.NewNop())
	failed := make(chan error, 1)
	go func() { failed <- e.serve(server, listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("wallet: %w", err)
	case <-ctx.Done():
	}
	api.Close()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), builtinTimeout)
	defer cancel()
	return server.Shutdown(stopping)
}
