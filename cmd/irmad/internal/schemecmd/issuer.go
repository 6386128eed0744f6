package schemecmd

import (
	"context"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

const issuerAbout = `An issuer signs credentials with its private key. Servers verify them with the public
key, which is part of the scheme. These commands work on the folder of an issuer in
a scheme that is being made.
`

// IssuerGroup returns the commands of "irmad issuer".
func IssuerGroup() cli.Group {
	return cli.Group{Name: "issuer", About: issuerAbout, Commands: []cli.Command{
		{Name: "keygen", Summary: "make a key pair", Run: makeIssuerKey},
	}}
}

// RunIssuer runs one of them.
func RunIssuer(ctx context.Context, p *cli.Process) error {
	g := IssuerGroup()
	return g.Run(ctx, p)
}
