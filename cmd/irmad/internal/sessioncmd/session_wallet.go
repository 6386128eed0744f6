package sessioncmd

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletcmd"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
)

// sessionWallet plays the wallet in a session.
type sessionWallet struct {
	file    string // empty for a new wallet
	schemes *scheme.Set
	client  *http.Client
	done    chan error
}

func newSessionWallet(file string, load func() (*scheme.Set, error), client *http.Client) (*sessionWallet, error) {
	schemes, err := load()
	if err != nil {
		return nil, err
	}
	if file == newWallet {
		file = ""
	}
	return &sessionWallet{file, schemes, client, make(chan error, 1)}, nil
}

// start does the session. A failure cancels it, so that its end is seen.
func (w *sessionWallet) start(ctx context.Context, r *sessionRun) {
	go func() {
		err := w.perform(ctx, r)
		if err != nil {
			r.cancel(ctx)
		}
		w.done <- err
	}()
}

// outcome waits for the wallet and returns why it failed, if it did.
func (w *sessionWallet) outcome() error {
	if w == nil {
		return nil
	}
	err := <-w.done
	if err == nil {
		return nil
	}
	return &cli.ExitError{Status: walletcmd.Status(err), Err: fmt.Errorf("wallet: %w", err)}
}

func (w *sessionWallet) perform(ctx context.Context, r *sessionRun) error {
	if w.file != "" {
		unlock, err := walletcmd.Lock(ctx, w.file, r.Stderr)
		if err != nil {
			return err
		}
		defer unlock()
	}
	user, err := wallet.New(w.schemes, wallet.Config{
		HTTPClient:      w.client,
		ShowPairingCode: func(ctx context.Context, code string) { w.pair(ctx, r, code) },
	})
	if err != nil {
		return err
	}
	found := false
	if w.file != "" {
		if found, err = walletcmd.Load(user, w.file); err != nil {
			return err
		}
	}
	outcome, failure := user.Perform(ctx, r.pkg.SessionPtr)
	if w.file != "" && (!found || walletcmd.Received(outcome)) {
		failure = errors.Join(failure, walletcmd.Save(user, w.file))
	}
	return failure
}

// pair confirms the code, unless another frontend does that.
func (w *sessionWallet) pair(ctx context.Context, r *sessionRun, code string) {
	switch r.code {
	case "":
		fmt.Fprintf(r.Stderr, "pairing code: %s\n", code)
	case code:
		r.confirm(ctx)
	default:
		r.fail(errors.New("the wallet shows another pairing code"))
	}
}
