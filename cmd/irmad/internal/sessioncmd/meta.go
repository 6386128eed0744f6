package sessioncmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const metaText = `Usage: irmad meta [flags] ATTRIBUTE

Explains a metadata attribute, the first attribute of every credential, which says
of what type the credential is and how long it is valid. ATTRIBUTE is in base64 or
decimal, as in "a_disclosed" of a proof.

Flags:
%s`

// Meta prints what is in a metadata attribute.
func Meta(_ context.Context, p *cli.Process) error {
	var schemes installed.Flags
	flags := pflag.NewFlagSet("irmad meta", pflag.ContinueOnError)
	flags.StringVarP(&schemes.Path, "irmaconf", "i", "", "`directory` with one folder per scheme (default where irmad serve looks)")
	flags.String("irmaconf-assets", "", "has no effect: schemes are not copied")
	flags.Lookup("irmaconf-assets").Hidden = true
	if more, err := p.Parse(flags, metaText); !more {
		return err
	}
	if flags.NArg() != 1 {
		return cli.Usage(fmt.Sprintf("meta takes one metadata attribute, not %d arguments", flags.NArg()))
	}
	metadata, err := readMetadata(flags.Arg(0))
	if err != nil {
		return cli.Usage("metadata attribute: " + err.Error())
	}
	set, err := schemes.Load(p, cli.CommandLogger(0, p.Stderr))
	if err != nil {
		return err
	}
	return printMetadata(p.Stdout, metadata, set, time.Now())
}

var decimal = cli.Pattern(`^[0-9]+$`)

// readMetadata reads base64, padded or not, or a decimal number.
func readMetadata(text string) (irma.Metadata, error) {
	var number irma.Int
	text = strings.TrimSpace(text)
	if !decimal().MatchString(text) {
		text = strings.TrimRight(text, "=")
		encoded, err := json.Marshal(text + strings.Repeat("=", (4-len(text)%4)%4))
		if err != nil {
			return irma.Metadata{}, err
		}
		text = string(encoded)
	}
	if err := json.Unmarshal([]byte(text), &number); err != nil {
		return irma.Metadata{}, fmt.Errorf("neither base64 nor a decimal number: %w", err)
	}
	return irma.ParseMetadata(&number)
}

func printMetadata(w io.Writer, m irma.Metadata, set *scheme.Set, now time.Time) error {
	line := func(name string, value any) { fmt.Fprintf(w, "%-17s: %v\n", name, value) }
	date := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	typ := set.CredentialTypeByHash(m.TypeHash)
	if typ == nil {
		line("Identifier", fmt.Sprintf("unknown credential type with hash %x", m.TypeHash))
	} else {
		line("Identifier", typ.ID)
	}
	line("Signed", date(m.SigningDate.Time()))
	line("Expires", date(m.Expiry().Time()))
	line("IsValid", !now.After(m.Expiry().Time()))
	line("Version", m.Version)
	line("KeyCounter", m.KeyCounter)
	if typ == nil {
		return nil
	}
	if key, err := set.PublicKey(typ.ID.Issuer(), uint(m.KeyCounter)); err == nil {
		line("KeyExpires", date(time.Unix(key.ExpiryDate, 0)))
		line("KeyModulusBitlen", key.N.BitLen())
	}
	encoded, err := json.MarshalIndent(typ, "", "  ")
	if err != nil {
		return fmt.Errorf("describing %s: %w", typ.ID, err)
	}
	line("CredentialType", string(encoded))
	return nil
}
