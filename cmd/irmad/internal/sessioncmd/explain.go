package sessioncmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/explain"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
)

const explainText = `Usage: irmad explain [flags] FILE

Tells what the user of a wallet is asked by the session request in a file, or on
the standard input for "-", and which credentials of which issuers satisfy it. If a
server would refuse the request, it says why, at which place, and how to mend it:

  irmad explain request.json
  irmad request --disclose irmad-demo.gov.ageLimits.over18 | irmad explain -

Flags:
%s
Exit status:
    0  a server with these schemes takes the request
    1  it refuses the request, or the file could not be read
  255  mistake in the arguments
`

// Explain tells what a session request means.
func Explain(_ context.Context, p *cli.Process) error {
	var schemes installed.Flags
	flags := pflag.NewFlagSet("irmad explain", pflag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print a JSON object")
	schemes.Set(flags)
	schemes.SetKeys(flags)
	flags.Lookup("privkeys").Usage = "`directory` with issuers' private keys"
	if more, err := p.Parse(flags, explainText); !more {
		return err
	}
	if flags.NArg() != 1 {
		return cli.Usage(fmt.Sprintf("explain takes one file, or - for the standard input, not %d", flags.NArg()))
	}
	data, err := p.ReadFileOrInput(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("reading request: %w", err)
	}
	set, err := schemes.Load(p, cli.CommandLogger(0, p.Stderr))
	if err != nil {
		return err
	}
	explanation := explain.Request(data, set, time.Now())
	if *asJSON {
		encoder := json.NewEncoder(p.Stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(explanation)
	} else {
		err = explanation.Print(p.Stdout)
	}
	if err == nil && !explanation.Valid {
		err = errors.New("a server would refuse this request")
	}
	return err
}
