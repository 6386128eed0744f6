package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

const checkText = `
Reads and checks the configuration, schemes and keys as "irmad serve" does at its start.
It listens to nothing, fetches nothing and writes nothing, also not into the schemes
directory or a store; Redis is asked whether it answers. What "serve" warns about as not
known is an error. The exit status is 0 if all is right, and 1 otherwise.
`

// check does what serve does before it listens, as checkText says. If verbose, it shows
// which settings are in effect and where they come from.
func check(_ context.Context, p *process) error {
	s, a, err := configure(p, true)
	if errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.Stdout, "check")
	}
	if s != nil && s.Verbose > 0 {
		if err := s.Print(p.Stdout); err != nil {
			return err
		}
	}
	if read := (*readError)(nil); errors.As(err, &read) {
		return fmt.Errorf("failed to read configuration from file, args, or env vars: %w", err)
	}
	if err != nil {
		return fmt.Errorf("invalid configuration: %w", err)
	}
	a.log.Info("the configuration is valid")
	return a.close()
}
