package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/devpage"
	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
)

const devText = `
Serves for a developer: opens a page on which to ask, issue and sign with the
installed schemes, to see each request, status and result, and to play the user
with a simulated phone or a real one. Applications use the same server meanwhile.

It takes the flags of serve. Without --port it finds a free one if 8088 is taken.
Without --url, sessions are at localhost, which browsers and their libraries accept
without TLS; for a phone the page offers the addresses of this machine.
`

// develop serves a developer until ctx ends.
func develop(ctx context.Context, p *process) error {
	s, err := config.Read(p.Args, p.Env)
	if errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.Stdout, "dev")
	} else if err != nil {
		return fmt.Errorf("failed to read configuration: %w", err)
	}
	if err := s.CheckDevelopment(); err != nil {
		return err
	}
	log := devLogger(s, p)
	if err := begin(s, log, false); err != nil {
		return err
	}
	d, err := newDevelopment(ctx, s, p, log)
	if err != nil {
		return fmt.Errorf("failed to configure server: %w", err)
	}
	endAdmin, err := d.app.serveAdmin(ctx)
	if err != nil {
		return errors.Join(err, d.listener.Close(), d.app.close())
	}
	defer endAdmin()
	defer d.page.Close()
	defer context.AfterFunc(ctx, d.page.Close)()
	d.welcome(p)
	ctx, cancel := context.WithCancel(ctx)
	var updating sync.WaitGroup
	updating.Go(func() { d.app.schemes.run(ctx) })
	err = d.app.serve(ctx, d.listener)
	cancel()
	updating.Wait()
	return err
}

// devLogger is quieter than that of serve: who starts this looks at the page.
func devLogger(s *config.Settings, p *process) *zap.Logger {
	log := s.Logger(p.Stderr)
	if s.Verbose == 0 {
		log = log.WithOptions(zap.IncreaseLevel(zap.WarnLevel))
	}
	return log
}

// development is a server with its page.
type development struct {
	app      *app
	page     *devpage.Page
	listener net.Listener
	moved    bool // to a free port
}

func newDevelopment(ctx context.Context, s *config.Settings, p *process, log *zap.Logger) (d *development, err error) {
	d = new(development)
	if d.listener, d.moved, err = listenSomewhere(ctx, s); err != nil {
		return nil, err
	}
	chosen := s.URL != ""
	localDefaults(s, d.listener.Addr())
	if d.app, err = newApp(s, p, log, false); err != nil {
		return nil, errors.Join(err, d.listener.Close())
	}
	d.page, err = devpage.New(devpage.Config{
		Server:    d.app.irma,
		Schemes:   d.app.schemes.Current,
		API:       s.APIPrefix,
		URL:       s.URL,
		Addresses: func() []devpage.Address { return phoneAddresses(s) },
		Fixed:     chosen,
		Client:    &http.Client{Transport: newOwnServer(s)},
		Logger:    log,
	})
	if err != nil {
		return nil, errors.Join(err, d.listener.Close(), d.app.close())
	}
	e := &d.app.endpoints[0]
	e.Handler = d.before(e.Handler)
	return d, nil
}

// listenSomewhere takes the port of the settings, or a free one if that is only the
// default and taken.
func listenSomewhere(ctx context.Context, s *config.Settings) (net.Listener, bool, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(s.ListenAddr, strconv.Itoa(s.Port)))
	if err == nil || s.Origin("port") != "default" || !errors.Is(err, syscall.EADDRINUSE) {
		if err != nil {
			e := endpoint.Endpoint{Addr: s.ListenAddr, Port: s.Port, Option: "port"}
			_, err = e.Listen(ctx) // says it in more words
		}
		return listener, false, err
	}
	listener, err = new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(s.ListenAddr, "0"))
	if err != nil {
		return nil, false, fmt.Errorf("finding a free port: %w", err)
	}
	return listener, true, nil
}

// before puts the page before the endpoints of the server.
func (d *development) before(next http.Handler) http.Handler {
	page, files := d.app.logged(d.page), d.app.settings.StaticPath != ""
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case d.page.Serves(r.URL.Path):
			page.ServeHTTP(w, r)
		case r.URL.Path == "/" && !files:
			http.Redirect(w, r, devpage.Path, http.StatusFound)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// welcome says where the page is, and who else can reach the server.
func (d *development) welcome(p *process) {
	s := d.app.settings
	if s.Quiet {
		return
	}
	if d.moved {
		fmt.Fprintf(p.Stdout, "Port 8088 is taken by another program, so this is at port %d; --port chooses another.\n\n", s.Port)
	}
	fmt.Fprintf(p.Stdout, "Open  %s  in a browser.\n\n", devURL(s)+devpage.Path[1:])
	fmt.Fprintf(p.Stdout, "Your application starts sessions at %s%ssession meanwhile.\n", devURL(s), s.APIPrefix[1:])
	if len(phoneAddresses(s)) > 0 {
		fmt.Fprintln(p.Stdout, "Phones and others on this network can reach it; --listen-addr 127.0.0.1 keeps them out.")
	}
	fmt.Fprintln(p.Stdout, "Ctrl-C stops it.")
}
