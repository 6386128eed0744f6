package main

import (
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// checkAttribute refuses attributes that do not exist. Of schemes that are not
// here, the server knows.
func checkAttribute(set *scheme.Set, id irma.AttributeTypeID) error {
	unknown := cli.Usage("unknown attribute: " + string(id))
	if !id.Valid() {
		return unknown
	}
	if set.Scheme(id.CredentialType().Scheme()) == nil {
		return nil
	}
	typ := set.CredentialType(id.CredentialType())
	if typ == nil {
		unknown.Message += cli.DidYouMean(string(id.CredentialType()), credentialNames(set))
		return unknown
	}
	if id.IsCredential() {
		return nil
	}
	if _, found := typ.AttributePosition(id.Name()); !found {
		unknown.Message += cli.DidYouMean(string(id), attributeNames(typ))
		return unknown
	}
	return nil
}

func credentialNames(set *scheme.Set) []string {
	var names []string
	for typ := range set.CredentialTypes() {
		names = append(names, string(typ.ID))
	}
	return names
}

func attributeNames(typ *scheme.CredentialType) []string {
	var names []string
	for _, attr := range typ.Attributes {
		if !attr.Revocation {
			names = append(names, string(typ.ID.Attribute(attr.ID)))
		}
	}
	return names
}
