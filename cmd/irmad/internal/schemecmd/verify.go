package schemecmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/scheme"
)

const schemeVerifyText = `Usage: irmad scheme verify [PATH]

Checks the scheme in the folder PATH, or all schemes in the directory PATH: that
everything is what was signed with the key in pk.pem, that descriptions follow the
rules, that all keys are well formed, and that the latest key of each issuer can sign
all of its credentials. Without PATH it checks this folder if
it holds a scheme, and else the schemes where irmad serve looks. Warnings are about
what does not hinder sessions.

Whether pk.pem is the right key is for you to compare.
%s`

// verifySchemes checks a scheme or a directory of them.
func verifySchemes(_ context.Context, p *cli.Process) error {
	flags := pflag.NewFlagSet("irmad scheme verify", pflag.ContinueOnError)
	if more, err := p.Parse(flags, schemeVerifyText); !more {
		return err
	}
	if flags.NArg() > 1 {
		return cli.Usage(fmt.Sprintf("scheme verify takes one path, not %d", flags.NArg()))
	}
	path := flags.Arg(0)
	if path == "" {
		path = "."
		if dir := usualSchemesDir(p.Env); !holdsScheme(".") && dir != "" {
			path = dir
		}
	}
	load, what := scheme.LoadDir, "as configuration directory"
	if holdsScheme(path) {
		load, what = scheme.LoadScheme, "scheme"
	}
	fmt.Fprintf(p.Stdout, "Verifying %s %s\n", what, path)
	set, err := load(path, scheme.Options{})
	if err == nil {
		err = checkSet(p.Stderr, set)
	}
	if err != nil {
		return fmt.Errorf("Verification failed: %w", err) //nolint:staticcheck // scripts look for these words
	}
	_, err = fmt.Fprintln(p.Stdout, "Verification was successful.")
	return err
}

// holdsScheme reports whether a folder is that of a scheme, signed or not.
func holdsScheme(dir string) bool {
	for _, name := range []string{"description.xml", "description.json", "index"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// checkSet prints what was wrong with the schemes and returns what makes them
// unusable.
func checkSet(w io.Writer, set *scheme.Set) error {
	var errs []error
	for _, problem := range set.Problems() {
		if problem.Warning() {
			fmt.Fprintln(w, problem)
		} else {
			errs = append(errs, errors.New(problem.String()))
		}
	}
	for issuer := range set.Issuers() {
		errs = append(errs, checkKeys(w, set, issuer, time.Now()))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if !holdsAny(set) {
		return errors.New("there are no schemes")
	}
	return nil
}

// holdsAny reports whether a set has a scheme of either kind.
func holdsAny(set *scheme.Set) bool {
	for range set.RequestorSchemes() {
		return true
	}
	return len(installed.SchemeNames(set)) > 0
}
