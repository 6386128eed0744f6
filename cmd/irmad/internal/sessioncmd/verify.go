package sessioncmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletcmd"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const verifyText = `Usage: irmad verify [flags] [FILE]

Verifies an attribute-based signature in a file or the standard input, and prints
what was signed, by somebody with which attributes, and when. The input may also be
the result of a signature session, such as "irmad session" prints.

With --request the signature must answer that request too: be over its message and
with the attributes that it asks for.

Flags:
%s
Exit status: 0 if and only if the signature is VALID.
`

type verifyFlags struct {
	schemes installed.Flags
	request string
}

// Verify verifies an attribute-based signature.
func Verify(ctx context.Context, p *cli.Process) error {
	var f verifyFlags
	flags := pflag.NewFlagSet("irmad verify", pflag.ContinueOnError)
	flags.StringVarP(&f.request, "request", "r", "", "signature request as `JSON`, or \"@FILE\"")
	f.schemes.Set(flags)
	if more, err := p.Parse(flags, verifyText); !more {
		return err
	}
	if flags.NArg() > 1 {
		return cli.Usage(fmt.Sprintf("verify takes one file, not %d", flags.NArg()))
	}
	signature, err := readSignature(p, flags.Arg(0))
	if err != nil {
		return err
	}
	request, err := f.readRequest(p)
	if err != nil {
		return err
	}
	log := cli.CommandLogger(0, p.Stderr)
	set, err := f.schemes.Load(p, log)
	if err != nil {
		return err
	}
	result, err := verify(ctx, set, signature, request)
	if err != nil {
		return fmt.Errorf("verifying signature: %w", err)
	}
	printSignature(p.Stdout, result)
	if result.Status != irma.ProofValid {
		return fmt.Errorf("the signature is not valid: %s", result.Status)
	}
	return nil
}

func verify(ctx context.Context, set *scheme.Set, signature *irma.SignedMessage, request *irma.SessionRequest) (*irmaserver.SignatureResult, error) {
	server, err := irmaserver.New(irmaserver.Config{Schemes: set})
	if err != nil {
		return nil, err
	}
	result, err := server.VerifySignature(ctx, signature, request)
	return result, errors.Join(err, server.Close(ctx))
}

func printSignature(w io.Writer, result *irmaserver.SignatureResult) {
	fmt.Fprintf(w, "Status:  %s\n", result.Status)
	if result.Status != irma.ProofValid {
		return
	}
	fmt.Fprintf(w, "Message: %q\n", result.Message)
	if result.Time == 0 {
		fmt.Fprintln(w, "Time:    unknown, as there is no timestamp; judged as of now")
	} else {
		fmt.Fprintf(w, "Time:    %s\n", result.Time.Time().UTC().Format(time.RFC3339))
	}
	for _, attributes := range result.Disclosed {
		for _, attr := range attributes {
			fmt.Fprintf(w, "Signer:  %s=%s\n", attr.Identifier, walletcmd.DescribeValue(attr.RawValue))
		}
	}
}
