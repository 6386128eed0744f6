package schemecmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const showText = `Usage: irmad scheme show [flags] [NAME]

Shows what is known by a name: a scheme, an issuer, a credential, an attribute, a
requestor, or a host name at which wallets show a requestor. Without a name it lists
the schemes:

  irmad scheme show
  irmad scheme show irmad-demo
  irmad scheme show irmad-demo.gov.ageLimits

The demo scheme is always known, and the schemes where irmad serve looks.

Flags:
%s`

// showScheme prints what is known by a name.
func showScheme(_ context.Context, p *cli.Process) error {
	var f lookFlags
	flags := pflag.NewFlagSet("irmad scheme show", pflag.ContinueOnError)
	f.set(flags)
	if more, err := p.Parse(flags, showText); !more {
		return err
	}
	if flags.NArg() > 1 {
		return cli.Usage(fmt.Sprintf("scheme show takes one name, not %d", flags.NArg()))
	}
	set, err := f.schemes.Load(p, cli.CommandLogger(0, p.Stderr))
	if err != nil {
		return err
	}
	shown, err := find(set, flags.Arg(0))
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(p.Stdout, shown)
	}
	return shown.print(printer{p.Stdout, language(f.language, p.Env)})
}

// shownThing is something with a name. It is written in JSON as it is.
type shownThing interface{ print(printer) error }

// find returns what is known by a name.
func find(set *scheme.Set, name string) (shownThing, error) {
	if name == "" {
		return listSchemes(set), nil
	}
	if s := set.Scheme(irma.SchemeID(name)); s != nil {
		return describeScheme(set, s), nil
	}
	if issuer := set.Issuer(irma.IssuerID(name)); issuer != nil {
		return describeIssuer(set, issuer), nil
	}
	if typ := set.CredentialType(irma.CredentialTypeID(name)); typ != nil {
		return describeCredential(set, typ), nil
	}
	if attr := irma.AttributeTypeID(name); strings.Count(name, ".") == 3 {
		if typ := set.CredentialType(attr.CredentialType()); typ != nil {
			if i, found := typ.AttributePosition(attr.Name()); found {
				return describeAttribute(typ, &typ.Attributes[i]), nil
			}
		}
	}
	if shown := findRequestor(set, name); shown != nil {
		return shown, nil
	}
	return nil, fmt.Errorf("nothing is known by the name %q%s", name, cli.DidYouMean(name, allNames(set))+notThere(set))
}

func findRequestor(set *scheme.Set, name string) shownThing {
	if r := set.RequestorByHost(name); r != nil {
		return describeRequestor(r)
	}
	for s := range set.RequestorSchemes() {
		if string(s.ID) == name {
			return describeRequestorScheme(s)
		}
		for _, r := range s.Requestors {
			if r.ID == name {
				return describeRequestor(r)
			}
		}
	}
	return nil
}

// allNames returns the names of all that is not too small to be meant.
func allNames(set *scheme.Set) []string {
	names := append(installed.SchemeNames(set), installed.CredentialNames(set)...)
	for issuer := range set.Issuers() {
		names = append(names, string(issuer.ID))
	}
	for typ := range set.CredentialTypes() {
		names = append(names, installed.AttributeNames(typ)...)
	}
	for s := range set.RequestorSchemes() {
		names = append(names, string(s.ID))
		for _, r := range s.Requestors {
			names = append(names, r.ID)
		}
	}
	return names
}
