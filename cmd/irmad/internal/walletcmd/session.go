package walletcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// Exit statuses of the wallet command besides the general ones. 2 is left out
// because a program that crashes ends with it.
const (
	exitRefused  = 3
	exitMissing  = 4
	exitUnpaired = 5
)

// perform does the session and reports how it went.
func (f *walletFlags) perform(ctx context.Context, p *cli.Process, ptr irma.SessionPointer) error {
	if f.file != "" {
		unlock, err := Lock(ctx, f.file, p.Stderr)
		if err != nil {
			return err
		}
		defer unlock()
	}
	user := &walletUser{walletapi.User{Decision: walletapi.Decision{Refuse: f.refuse, All: f.all, Choose: f.choose}}, p.Stderr}
	w, fresh, err := f.open(p, wallet.Config{Choose: user.choose, ShowPairingCode: user.showPairingCode})
	if err != nil {
		return err
	}
	outcome, failure := w.Perform(ctx, ptr)
	if f.file != "" && (fresh || Received(outcome)) {
		failure = errors.Join(failure, Save(w, f.file))
	}
	if err := f.report(p.Stdout, user.Report(outcome, failure)); err != nil {
		return err
	}
	if failure == nil {
		return nil
	}
	return &cli.ExitError{Status: Status(failure), Err: failure}
}

// Received reports whether the wallet got a credential in a session, or in one that was
// chained to it. Nothing, as of a session that failed, is false.
func Received(o *wallet.Outcome) bool {
	for ; o != nil; o = o.Next {
		if len(o.Issued) > 0 {
			return true
		}
	}
	return false
}

// Status returns the exit status that tells why a wallet failed.
func Status(failure error) int {
	switch walletapi.ReasonOf(failure) {
	case walletapi.Refused:
		return exitRefused
	case walletapi.Missing:
		return exitMissing
	case walletapi.Unpaired:
		return exitUnpaired
	}
	return cli.ExitFailed
}

// walletUser decides what the flags say.
type walletUser struct {
	walletapi.User
	notes io.Writer
}

func (u *walletUser) showPairingCode(_ context.Context, code string) {
	fmt.Fprintf(u.notes, "pairing code: %s\n", code)
}

// choose is a wallet.Chooser.
func (u *walletUser) choose(ctx context.Context, q *wallet.Question) ([]int, error) {
	u.tellOptions(q)
	return u.Answer(ctx, q)
}

// tellOptions prints what there is to choose from.
func (u *walletUser) tellOptions(q *wallet.Question) {
	for i, options := range q.Disjunctions {
		if len(options) < 2 {
			continue
		}
		fmt.Fprintf(u.notes, "%s asks for one of these (disjunction %d):\n", q.Server, i+1)
		for n, option := range options {
			fmt.Fprintf(u.notes, "  %d: %s\n", n, describeOption(option))
		}
	}
}

func describeOption(option wallet.Option) string {
	if len(option.Attributes) == 0 {
		return "nothing"
	}
	var parts []string
	for _, attr := range option.Attributes {
		parts = append(parts, fmt.Sprintf("%s=%s", attr.ID, DescribeValue(attr.Value)))
	}
	return strings.Join(parts, " and ")
}
