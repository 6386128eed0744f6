package main

import "context"

const issuerAbout = `An issuer signs credentials with its private key. Servers verify them with the public
key, which is part of the scheme. These commands work on the folder of an issuer in
a scheme that is being made.
`

func issuerGroup() group {
	return group{"issuer", issuerAbout, []command{
		{"keygen", "make a key pair", makeIssuerKey},
	}}
}

func runIssuer(ctx context.Context, p *process) error {
	g := issuerGroup()
	return g.run(ctx, p)
}
