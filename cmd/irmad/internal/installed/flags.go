package installed

import (
	"fmt"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/scheme"
)

// Flags tell which schemes a command knows, besides the demo scheme. The zero value is
// those where irmad serve looks, without private keys; Set and SetKeys let users change
// that.
type Flags struct {
	Path     string
	privkeys string
}

// Set adds the flag for the directory, and those of other tools that have no effect.
func (f *Flags) Set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.Path, "schemes-path", "s", "", "`directory` with one folder per scheme (default where irmad serve looks)")
	flags.String("schemes-assets-path", "", "has no effect: schemes are not copied")
	flags.Bool("disable-schemes-update", false, "has no effect: schemes are not updated")
	for _, name := range []string{"schemes-assets-path", "disable-schemes-update"} {
		flags.Lookup(name).Hidden = true
	}
}

// SetKeys adds the flag for issuers' private keys.
func (f *Flags) SetKeys(flags *pflag.FlagSet) {
	flags.StringVarP(&f.privkeys, "privkeys", "k", "", "`directory` with issuers' private keys, for the built-in server")
}

// Load returns the schemes, with the demo scheme. What is wrong with some is logged.
func (f *Flags) Load(p *cli.Process, log *zap.Logger) (*scheme.Set, error) {
	set, err := Load(&config.Settings{SchemesPath: f.Path, Privkeys: f.privkeys}, p.Env, log)
	if err != nil {
		return nil, fmt.Errorf("loading schemes: %w", err)
	}
	return set, nil
}
