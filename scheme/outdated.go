package scheme

import (
	"slices"

	"github.com/irmad/irmaserver/irma"
)

// Outdated returns the schemes of which a newer version may know what the request
// names: those of issuers, credential types and attributes that are not in the set,
// and of credentials to be issued without an attribute that the set requires. It is
// for requests that [Set.CheckRequest] refused.
func (s *Set) Outdated(req *irma.SessionRequest) []irma.SchemeID {
	var out []irma.SchemeID
	check := identifierCheck{set: s, searches: maxSearches} // without suggestions
	note := func(id irma.CredentialTypeID, look func()) {
		before := len(check.unknown) + len(check.missing)
		look()
		if len(check.unknown)+len(check.missing) > before && !slices.Contains(out, id.Scheme()) {
			out = append(out, id.Scheme())
		}
	}
	for attr := range req.Disclose.Attributes {
		note(attr.Type.CredentialType(), func() { check.attribute(attr.Type) })
	}
	for _, cred := range req.Credentials {
		note(cred.CredentialTypeID, func() { check.credential(cred) })
	}
	return out
}
