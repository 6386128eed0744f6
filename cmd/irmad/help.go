package main

import (
	"context"
	"fmt"
)

// help prints what irmad can do, or the flags of a command.
func help(ctx context.Context, p *process) error {
	if len(p.args) > 0 {
		if g, ok := findGroup(p.args[0]); ok {
			return g.explain(ctx, p)
		}
		switch p.args[0] {
		case "serve", "check", "dev":
			return explainFlags(p.stdout, p.args[0])
		case "schemes":
			return explainSchemes(p.stdout)
		case "wallet":
			return explainWallet(p.stdout)
		case "session", "request", "explain", "verify", "meta", "healthcheck":
			name := p.args[0]
			p.args = []string{"--help"}
			return dispatch(ctx, name, p)
		}
	}
	fmt.Fprint(p.stdout, "irmad is a server for IRMA (Yivi) sessions.\n\nUsage: irmad [command] [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(p.stdout, "  %-11s  %s\n", c.name, c.summary)
	}
	_, err := fmt.Fprint(p.stdout, "\n\"irmad help COMMAND\" tells more about a command, and lists its flags.\n\"irmad help schemes\" tells where schemes and issuers' keys come from.\n")
	return err
}
