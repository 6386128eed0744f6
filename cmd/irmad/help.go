package main

import (
	"context"
	"fmt"
)

// help prints what irmad can do, or the flags of a command.
func help(_ context.Context, p *process) error {
	if len(p.args) > 0 {
		switch p.args[0] {
		case "serve", "check":
			return explainFlags(p.stdout, p.args[0])
		case "wallet":
			return explainWallet(p.stdout)
		}
	}
	fmt.Fprint(p.stdout, "irmad is a server for IRMA (Yivi) sessions.\n\nUsage: irmad [command] [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(p.stdout, "  %-8s  %s\n", c.name, c.summary)
	}
	_, err := fmt.Fprint(p.stdout, "\n\"irmad help serve\" lists the flags of serve and check, \"irmad help wallet\" those of wallet.\n")
	return err
}
