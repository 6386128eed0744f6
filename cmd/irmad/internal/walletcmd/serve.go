package walletcmd

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/builtin"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
)

// serve answers requests of a test suite until ctx ends.
func (f *walletFlags) serve(ctx context.Context, p *cli.Process, flags *pflag.FlagSet) (err error) {
	if decisions(flags) > 0 || f.json {
		return cli.Usage("wallet serve is told by each request what the user wants: leave --refuse, --all, --choose and --json out")
	}
	if f.file != "" {
		unlock, err := Lock(ctx, f.file, p.Stderr)
		if err != nil {
			return err
		}
		defer unlock()
	}
	schemes, err := walletSchemes(f.schemesPath, p.Stderr)
	if err != nil {
		return err
	}
	issuer, err := builtin.Start(ctx, 0, "", schemes, zap.NewNop())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, issuer.Stop()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.listen)
	if err != nil {
		return fmt.Errorf("wallet: %w (--listen chooses another address)", err)
	}
	cfg := f.served(schemes, issuer)
	if tcp, isTCP := listener.Addr().(*net.TCPAddr); isTCP && !tcp.IP.IsLoopback() {
		fmt.Fprintln(p.Stderr, "irmad: everybody who reaches this address can use the wallet, and see what is in it")
		cfg.Issuer = onlyDemo(schemes, cfg.Issuer)
	}
	api, err := walletapi.New(cfg)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer api.Close()
	fmt.Fprintf(p.Stdout, "wallet at http://%s\n", listener.Addr())
	return serveWallet(ctx, listener, api)
}

// served says how the wallet is kept.
func (f *walletFlags) served(schemes *scheme.Set, issuer *builtin.Server) walletapi.Config {
	cfg := walletapi.Config{Schemes: schemes, Hosts: f.allowHosts, Issuer: issuer.StartSession}
	if f.file != "" {
		cfg.Load = func(w *wallet.Wallet) error {
			_, err := Load(w, f.file)
			return err
		}
		cfg.Save = func(w *wallet.Wallet) error { return Save(w, f.file) }
	}
	return cfg
}

// walletIssuer starts the sessions in which the wallet is given what a test needs.
type walletIssuer = func(context.Context, irma.Request) (*irma.SessionPackage, error)

// onlyDemo issues nothing that proves something, for a wallet that others can use.
func onlyDemo(schemes *scheme.Set, issue walletIssuer) walletIssuer {
	return func(ctx context.Context, request irma.Request) (*irma.SessionPackage, error) {
		for _, cred := range request.Extended().Request.Credentials {
			if s := schemes.Scheme(cred.CredentialTypeID.Issuer().Scheme()); s != nil && !s.Demo {
				return nil, irma.ErrUnauthorized.Withf("%s is no demo scheme: its credentials are issued here only while the wallet listens on this machine alone", s.ID)
			}
		}
		return issue(ctx, request)
	}
}

// serveWallet serves until ctx ends. Sessions then stop, with an answer to those who
// wait for them.
func serveWallet(ctx context.Context, listener net.Listener, api *walletapi.Server) error {
	e := endpoint.Endpoint{Name: "wallet", Handler: api}
	server := e.Server(zap.NewNop())
	failed := make(chan error, 1)
	go func() { failed <- e.Serve(server, listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("wallet: %w", err)
	case <-ctx.Done():
	}
	api.Close()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), builtin.Timeout)
	defer cancel()
	return server.Shutdown(stopping)
}
