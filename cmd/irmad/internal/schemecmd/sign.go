package schemecmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
)

const schemeSignText = `Usage: irmad scheme sign [flags] [PRIVATEKEY] [PATH]

Signs the scheme in the folder PATH, or else in this folder, with the key in the file
PRIVATEKEY, or else in sk.pem in that folder. It writes timestamp, index, index.sig
and pk.pem, and then checks the scheme as "irmad scheme verify" does. Private keys
are never part of what is signed.

Sign again after every change: nobody accepts a scheme of which a file differs.

Flags:
%s`

// signScheme signs a scheme.
func signScheme(ctx context.Context, p *cli.Process) error {
	var unverified bool
	flags := pflag.NewFlagSet("irmad scheme sign", pflag.ContinueOnError)
	flags.BoolVarP(&unverified, "noverification", "n", false, "do not check the scheme")
	if more, err := p.Parse(flags, schemeSignText); !more {
		return err
	}
	if flags.NArg() > 2 {
		return cli.Usage(fmt.Sprintf("scheme sign takes a key and a folder, not %d arguments", flags.NArg()))
	}
	path := flags.Arg(1)
	if path == "" {
		path = "."
	}
	file := flags.Arg(0)
	if file == "" {
		file = filepath.Join(path, "sk.pem")
	}
	data, err := cli.ReadPath(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the key: %w; \"irmad scheme keygen\" makes one", err)
	}
	if err != nil {
		return fmt.Errorf("reading the key: %w", err)
	}
	key, err := scheme.ReadKey(data)
	if err != nil {
		return fmt.Errorf("reading the key %s: %w", file, err)
	}
	if old, err := cli.ReadPath(filepath.Join(path, "pk.pem")); err == nil {
		if public, err := scheme.ReadPublicKey(old); err == nil && !key.PublicKey.Equal(public) {
			fmt.Fprintln(p.Stderr, "warning: pk.pem is that of another key; whoever has the scheme will not take this version for a newer one")
		}
	}
	if err := waitForNewSecond(ctx, path); err != nil {
		return err
	}
	if err := scheme.Sign(path, key, time.Now()); err != nil {
		return fmt.Errorf("signing: %w", err)
	}
	return tellSigned(p, path, unverified)
}

// waitForNewSecond waits if the scheme was signed in this second: versions of a
// scheme are told apart by the second.
func waitForNewSecond(ctx context.Context, path string) error {
	data, err := cli.ReadPath(filepath.Join(path, "timestamp"))
	if err != nil {
		return nil // Sign tells
	}
	before, err := scheme.ParseTimestamp(data)
	rest := time.Until(before.Add(time.Second))
	if err != nil || rest <= 0 || rest > time.Second {
		return nil
	}
	select {
	case <-time.After(rest):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func tellSigned(p *cli.Process, path string, unverified bool) error {
	draft, err := scheme.ReadDraft(os.DirFS(path))
	if err != nil {
		return err
	}
	if !unverified {
		set, err := scheme.LoadScheme(path, scheme.Options{})
		if err == nil {
			err = checkSet(p.Stderr, set)
		}
		if err != nil {
			return fmt.Errorf("the scheme is signed, but something in it cannot be used: %w", err)
		}
	}
	_, err = fmt.Fprintf(p.Stdout, "Signed scheme %s in %s\n", draft.ID, path)
	return err
}
