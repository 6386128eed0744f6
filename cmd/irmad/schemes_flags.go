package main

import (
	"fmt"

	"github.com/spf13/pflag"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/scheme"
)

// schemesFlags tell which schemes a command knows, besides the demo scheme.
type schemesFlags struct {
	path     string
	privkeys string
}

func (f *schemesFlags) set(flags *pflag.FlagSet) {
	flags.StringVarP(&f.path, "schemes-path", "s", "", "`directory` with one folder per scheme (default where irmad serve looks)")
	flags.String("schemes-assets-path", "", "has no effect: schemes are not copied")
	flags.Bool("disable-schemes-update", false, "has no effect: schemes are not updated")
	for _, name := range []string{"schemes-assets-path", "disable-schemes-update"} {
		flags.Lookup(name).Hidden = true
	}
}

func (f *schemesFlags) setKeys(flags *pflag.FlagSet) {
	flags.StringVarP(&f.privkeys, "privkeys", "k", "", "`directory` with issuers' private keys, for the built-in server")
}

func (f *schemesFlags) load(p *cli.Process, log *zap.Logger) (*scheme.Set, error) {
	set, err := loadSchemes(&config.Settings{SchemesPath: f.path, Privkeys: f.privkeys}, p.Env, log)
	if err != nil {
		return nil, fmt.Errorf("loading schemes: %w", err)
	}
	return set, nil
}
