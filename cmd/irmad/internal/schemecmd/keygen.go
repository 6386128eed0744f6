package schemecmd

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/issuerkey"
)

const schemeKeygenText = `Usage: irmad scheme keygen [flags]

Makes the key pair with which a scheme is signed. Whoever has the private key can
change the scheme for all who use it: keep it where the scheme is not published.
Those who install the scheme should learn the public key from you directly.

Files are never replaced: a scheme that gets another key is another scheme.

Flags:
%s`

// makeSchemeKey makes a key to sign a scheme with.
func makeSchemeKey(_ context.Context, p *cli.Process) error {
	var private, public string
	flags := pflag.NewFlagSet("irmad scheme keygen", pflag.ContinueOnError)
	flags.StringVarP(&private, "privatekey", "s", "sk.pem", "`file` for the private key")
	flags.StringVarP(&public, "publickey", "p", "pk.pem", "`file` for the public key")
	if more, err := p.Parse(flags, schemeKeygenText); !more {
		return err
	}
	if flags.NArg() > 0 {
		return cli.Usage(fmt.Sprintf("scheme keygen takes flags only, not %q", flags.Arg(0)))
	}
	if err := issuerkey.CheckAbsent(private, public); err != nil {
		return err
	}
	key, err := scheme.GenerateKey()
	if err != nil {
		return err
	}
	secret, err := scheme.MarshalKey(key)
	if err != nil {
		return err
	}
	open, err := scheme.MarshalPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	if err := createFile(private, secret, 0o600); err != nil {
		return err
	}
	if err := createFile(public, open, 0o644); err != nil {
		return errors.Join(err, os.Remove(private))
	}
	_, err = fmt.Fprintf(p.Stdout, "Public key:  %s\nPrivate key: %s\n", public, private)
	return err
}

// createFile writes a file that does not exist yet.
func createFile(path string, data []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
