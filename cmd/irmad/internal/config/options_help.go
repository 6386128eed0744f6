package config

import (
	"fmt"
	"strings"
)

const sources = `
Each option can be a flag, an environment variable such as IRMASERVER_LISTEN_ADDR,
or a key such as listen_addr in a configuration file; a flag counts more than a
variable, and that more than the file. The file is the one that --config names, or
else irmaserver.json, .toml or .yaml in ., /etc/irmaserver, ~/.irmaserver or
~/irmaserver. Lists are separated by commas in flags, by spaces in variables.
"irmad help schemes" tells where schemes and issuers' keys come from.

"irmad check -v" shows all options with where their values come from. SIGHUP, or a
change of the files, makes a running server take over new requestors, permissions,
certificates, schemes and issuers' keys.
`

// Usage lists the flags of serve, check and dev by topic, and tells where else options
// can be set.
func Usage() string {
	var text strings.Builder
	for _, group := range topics {
		fmt.Fprintf(&text, "\n%s:\n%s", group.title, flagsOf(group.options).FlagUsagesWrapped(100))
	}
	return text.String() + sources
}
