package schemecmd

import (
	"context"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

const schemeAbout = `A scheme says who may issue which credentials, and with which keys. These commands
find the names that session requests use, get schemes from the network, and make
schemes of your own; docs/scheme.md is a walk through the latter.
`

// Group returns the commands of "irmad scheme".
func Group() cli.Group {
	return cli.Group{Name: "scheme", About: schemeAbout, Commands: []cli.Command{
		{Name: "search", Summary: "find credentials and attributes by words about them", Run: searchSchemes},
		{Name: "show", Summary: "show a scheme, issuer, credential, attribute or requestor", Run: showScheme},
		{Name: "download", Summary: "get schemes from their web servers", Run: downloadSchemes},
		{Name: "update", Summary: "get newer versions of the schemes that are there", Run: updateSchemes},
		{Name: "verify", Summary: "check the signature and the contents of schemes", Run: verifySchemes},
		{Name: "keygen", Summary: "make a key to sign a scheme with", Run: makeSchemeKey},
		{Name: "sign", Summary: "sign a scheme, or a new version of it", Run: signScheme},
		{Name: "issuer", Summary: "the commands of \"irmad issuer\"", Run: RunIssuer},
	}}
}

// Run runs one of them.
func Run(ctx context.Context, p *cli.Process) error {
	g := Group()
	return g.Run(ctx, p)
}
