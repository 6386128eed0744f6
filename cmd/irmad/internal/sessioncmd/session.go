package sessioncmd

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
)

// cancelTimeout is how long cancelling a session may take that is given up.
const cancelTimeout = 5 * time.Second

// sessionServer runs the session: a built-in server, or a requestor.Client of
// one elsewhere.
type sessionServer interface {
	StartSession(context.Context, irma.Request) (*irma.SessionPackage, error)
	Statuses(context.Context, irma.RequestorToken) iter.Seq2[irma.Status, error]
	Result(context.Context, irma.RequestorToken) (*irma.SessionResult, error)
}

// sessionRun is one run of the session command.
type sessionRun struct {
	*cli.Process
	flags    *sessionFlags
	events   *zap.Logger
	server   sessionServer
	pkg      *irma.SessionPackage
	frontend *requestor.Frontend
	wallet   *sessionWallet          // nil when somebody has a phone
	code     string                  // for pairing; empty without
	fail     context.CancelCauseFunc // gives the session up
}

// Session does one session from the command line.
func Session(ctx context.Context, p *cli.Process) error {
	f, err := readSessionFlags(p)
	if f == nil || err != nil {
		return err
	}
	if f.static() {
		return f.showStatic(p)
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	r := &sessionRun{Process: p, flags: f, fail: fail, events: cli.CommandLogger(f.verbose, p.Stderr)}
	stop, err := r.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(r.do(ctx), stop())
}

// do shows the session, follows it and prints how it went.
func (r *sessionRun) do(ctx context.Context) error {
	err := r.prepare(ctx)
	if err == nil {
		err = r.follow(ctx)
	}
	if err == nil {
		return errors.Join(r.printResults(ctx), r.wallet.outcome())
	}
	r.cancel(ctx)
	if ctx.Err() == nil {
		return err
	}
	if err = context.Cause(ctx); errors.Is(err, context.Canceled) {
		return errors.New("interrupted: the session is cancelled")
	}
	return err
}

// prepare makes the session ready for a wallet.
func (r *sessionRun) prepare(ctx context.Context) (err error) {
	if r.flags.pairing {
		if r.code, err = r.frontend.EnablePairing(ctx); err != nil {
			return err
		}
	}
	if r.wallet != nil {
		r.wallet.start(ctx, r)
		return nil
	}
	return showPointer(r.Process, r.pkg.SessionPtr, r.flags.noQR)
}

// follow waits until the session is finished.
func (r *sessionRun) follow(ctx context.Context) error {
	statuses := r.frontend.Statuses(ctx)
	if r.pkg.Token != "" {
		statuses = r.server.Statuses(ctx, r.pkg.Token)
	}
	pairing := false
	for status, err := range statuses {
		if err != nil {
			return err
		}
		r.events.Info("session is " + string(status))
		switch {
		case status == irma.StatusPairing && r.code != "":
			pairing = true
			r.pair(ctx)
		case pairing && (status == irma.StatusConnected || status == irma.StatusDone):
			pairing = false
			fmt.Fprintln(r.Stdout, "Pairing completed.")
		}
	}
	return nil
}

// cancel ends a session that nobody follows any more, if that is possible.
func (r *sessionRun) cancel(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	if err := r.frontend.Cancel(ctx); err != nil {
		r.events.Info("the session could not be cancelled", zap.Error(err))
	}
}
