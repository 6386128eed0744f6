package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

// check does all that serve does before it listens.
func check(_ context.Context, p *process) error {
	a, err := configure(p)
	if errors.Is(err, pflag.ErrHelp) {
		return explainFlags(p.stdout, "check")
	}
	if err != nil {
		return fmt.Errorf("invalid configuration: %w", err)
	}
	a.log.Info("the configuration is valid")
	return a.close()
}
