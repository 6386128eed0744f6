package main

import (
	"context"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

const issuerAbout = `An issuer signs credentials with its private key. Servers verify them with the public
key, which is part of the scheme. These commands work on the folder of an issuer in
a scheme that is being made.
`

func issuerGroup() cli.Group {
	return cli.Group{Name: "issuer", About: issuerAbout, Commands: []cli.Command{
		{Name: "keygen", Summary: "make a key pair", Run: makeIssuerKey},
	}}
}

func runIssuer(ctx context.Context, p *cli.Process) error {
	g := issuerGroup()
	return g.Run(ctx, p)
}
