package installed

import "github.com/irmad/irmaserver/scheme"

// SchemeNames returns the identifiers of the schemes of issuers.
func SchemeNames(set *scheme.Set) []string {
	var names []string
	for s := range set.Schemes() {
		names = append(names, string(s.ID))
	}
	return names
}

// CredentialNames returns the identifiers of all credential types.
func CredentialNames(set *scheme.Set) []string {
	var names []string
	for typ := range set.CredentialTypes() {
		names = append(names, string(typ.ID))
	}
	return names
}

// AttributeNames returns the identifiers of the attributes that can be asked for.
func AttributeNames(typ *scheme.CredentialType) []string {
	var names []string
	for _, attr := range typ.Attributes {
		if !attr.Revocation {
			names = append(names, string(typ.ID.Attribute(attr.ID)))
		}
	}
	return names
}
