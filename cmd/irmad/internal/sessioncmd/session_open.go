package sessioncmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"syscall"

	"github.com/irmad/irmaserver/cmd/irmad/internal/builtin"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
	"github.com/irmad/irmaserver/scheme"
)

// open finds the server, and starts the session unless it has been started. What
// it returns stops the server.
func (r *sessionRun) open(ctx context.Context) (stop func() error, err error) {
	load := sync.OnceValues(func() (*scheme.Set, error) { return r.flags.schemes.Load(r.Process, r.events) })
	var request *irma.ExtendedRequest
	if r.flags.fromPackage == "" {
		request, err = r.flags.request.read(r.Process, load)
	} else {
		r.pkg, err = r.readPackage()
	}
	if err != nil {
		return nil, err
	}
	client, stop, err := r.connect(ctx, load)
	if err != nil {
		return nil, err
	}
	if r.pkg == nil {
		if r.pkg, err = r.server.StartSession(ctx, request); err != nil {
			return nil, errors.Join(nobodyThere(err), stop())
		}
	}
	r.frontend = requestor.NewFrontend(r.pkg)
	r.frontend.HTTPClient = client
	if r.flags.wallet != "" {
		if r.wallet, err = newSessionWallet(r.flags.wallet, load, client); err != nil {
			return nil, errors.Join(err, stop())
		}
	}
	return stop, nil
}

// nobodyThere adds to an error what may help if nothing listens at the server's
// address.
func nobodyThere(err error) error {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w: nothing listens there; start a server with irmad dev, or correct --server", err)
	}
	return err
}

func (r *sessionRun) readPackage() (*irma.SessionPackage, error) {
	data, err := r.ReadInput(r.flags.fromPackage)
	if err != nil {
		return nil, fmt.Errorf("reading --from-package: %w", err)
	}
	pkg, err := requestor.ParsePackage(data)
	if err != nil {
		return nil, cli.Usage("--from-package: " + err.Error())
	}
	return pkg, nil
}

// connect sets the server, and returns the client that reaches the URLs in its
// session pointers.
func (r *sessionRun) connect(ctx context.Context, load func() (*scheme.Set, error)) (*http.Client, func() error, error) {
	url := r.flags.server
	if url == "" && r.pkg == nil {
		set, err := load()
		if err != nil {
			return nil, nil, err
		}
		server, err := builtin.Start(ctx, r.flags.port, r.flags.url, set, r.events)
		if err != nil {
			return nil, nil, err
		}
		r.server = server
		return server.Client(), server.Stop, nil
	}
	auth, err := r.flags.auth.auth()
	if err != nil {
		return nil, nil, err
	}
	if url == "" {
		if url, err = requestor.ServerURL(r.pkg.SessionPtr); err != nil {
			return nil, nil, cli.Usage(err.Error() + ": name the server with --server")
		}
	}
	r.server = &requestor.Client{URL: url, Auth: auth}
	return http.DefaultClient, func() error { return nil }, nil
}
