package main

import "context"

const schemeAbout = `A scheme says who may issue which credentials, and with which keys. These commands
find the names that session requests use, get schemes from the network, and make
schemes of your own; docs/scheme.md is a walk through the latter.
`

func schemeGroup() group {
	return group{"scheme", schemeAbout, []command{
		{"search", "find credentials and attributes by words about them", searchSchemes},
		{"show", "show a scheme, issuer, credential, attribute or requestor", showScheme},
		{"download", "get schemes from their web servers", downloadSchemes},
		{"update", "get newer versions of the schemes that are there", updateSchemes},
		{"verify", "check the signature and the contents of schemes", verifySchemes},
		{"keygen", "make a key to sign a scheme with", makeSchemeKey},
		{"sign", "sign a scheme, or a new version of it", signScheme},
		{"issuer", "the commands of \"irmad issuer\"", runIssuer},
	}}
}

func runScheme(ctx context.Context, p *process) error {
	g := schemeGroup()
	return g.run(ctx, p)
}
