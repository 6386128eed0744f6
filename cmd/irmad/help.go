package main

import (
	"context"
	"fmt"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/schemecmd"
	"github.com/irmad/irmaserver/cmd/irmad/internal/walletcmd"
)

// groups returns the commands that consist of others.
func groups() []cli.Group { return []cli.Group{schemecmd.Group(), schemecmd.IssuerGroup()} }

func findGroup(name string) (cli.Group, bool) {
	for _, g := range groups() {
		if g.Name == name {
			return g, true
		}
	}
	return cli.Group{}, false
}

// help prints what irmad can do, or the flags of a command.
func help(ctx context.Context, p *process) error {
	if len(p.Args) > 0 {
		if g, ok := findGroup(p.Args[0]); ok {
			return g.Explain(ctx, &p.Process)
		}
		switch p.Args[0] {
		case "serve", "check", "dev":
			return explainFlags(p.Stdout, p.Args[0])
		case "schemes":
			return schemecmd.ExplainSchemes(p.Stdout)
		case "wallet":
			return walletcmd.Explain(p.Stdout)
		case "session", "request", "explain", "verify", "meta", "healthcheck":
			name := p.Args[0]
			p.Args = []string{"--help"}
			return dispatch(ctx, name, p)
		}
	}
	fmt.Fprint(p.Stdout, "irmad is a server for IRMA (Yivi) sessions.\n\nUsage: irmad [command] [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(p.Stdout, "  %-11s  %s\n", c.name, c.summary)
	}
	_, err := fmt.Fprint(p.Stdout, "\n\"irmad help COMMAND\" tells more about a command, and lists its flags.\n\"irmad help schemes\" tells where schemes and issuers' keys come from.\n")
	return err
}
