package main

import (
	"context"
	"fmt"
	"io"
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

const sources = `
Each option can be a flag, an environment variable such as IRMASERVER_LISTEN_ADDR,
or a key such as listen_addr in a configuration file; a flag counts more than a
variable, and that more than the file. The file is the one that --config names,
or else irmaserver.json, .toml or .yaml in ., /etc/irmaserver or ~/.irmaserver.
Without schemes_path, schemes come from irma/irma_configuration in
$XDG_DATA_HOME, ~/.local/share, /usr/local/share or /usr/share if that exists.
`

func explainFlags(w io.Writer, command string) error {
	_, err := fmt.Fprintf(w, "Usage: irmad %s [flags]\n\nFlags:\n%s%s", command, newFlags().FlagUsagesWrapped(100), sources)
	return err
}
