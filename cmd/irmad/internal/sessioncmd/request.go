package sessioncmd

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/scheme"
)

const requestText = `Usage: irmad request [flags]

Prints a session request: as JSON, or as a JWT for servers that know requestors by
their signature (--auth-method hmac or rsa). It starts no session:

  irmad request --disclose irmad-demo.gov.ageLimits.over18
  irmad request --issue irmad-demo.gov.ageLimits=yes,yes,yes,no -a hmac --name shop --key c2VjcmV0

JSON is posted as application/json and a JWT, soon, as text/plain to /session of the
server; "irmad session" does that.

Flags:
%s`

// Request prints the request that the flags describe.
func Request(_ context.Context, p *cli.Process) error {
	var request requestFlags
	var auth authFlags
	var schemes installed.Flags
	flags := pflag.NewFlagSet("irmad request", pflag.ContinueOnError)
	request.set(flags)
	auth.set(flags)
	schemes.Set(flags)
	if more, err := p.Parse(flags, requestText); !more {
		return err
	}
	if flags.NArg() > 0 {
		return cli.Usage(fmt.Sprintf("request takes flags only, not %q", flags.Arg(0)))
	}
	who, err := auth.auth()
	if err != nil {
		return err
	}
	what, err := request.read(p, func() (*scheme.Set, error) { return schemes.Load(p, cli.CommandLogger(0, p.Stderr)) })
	if err != nil {
		return err
	}
	if who.Signs() {
		token, err := who.Sign(what, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, token)
		return err
	}
	encoder := json.NewEncoder(p.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(what)
}
