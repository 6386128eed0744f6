package scheme

import (
	"maps"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Limits on what an error message repeats of a request.
const (
	maxNamed       = 20  // identifiers
	maxNamedLength = 200 // of an identifier
)

// identifierCheck collects what a request names but the set does not have.
type identifierCheck struct {
	set         *Set
	unknown     []string
	suggestions []string
	absent      irma.SchemeID // a scheme that is not there
	searches    int           // for suggestions
	missing     []string      // required attributes
}

// checkIdentifiers checks that all that is named in a request exists, and that
// credentials to be issued have all required attributes.
func (s *Set) checkIdentifiers(req *irma.SessionRequest) error {
	check := identifierCheck{set: s}
	for attr := range req.Disclose.Attributes {
		check.attribute(attr.Type)
	}
	for _, cred := range req.Credentials {
		check.credential(cred)
	}
	switch {
	case len(check.unknown) > 0:
		return irma.ErrInvalidRequest.With("Unknown identifiers: " + list(check.unknown) + check.didYouMean())
	case len(check.missing) > 0:
		return irma.ErrInvalidRequest.With("Required attributes are missing: " + list(check.missing))
	}
	return nil
}

// attribute checks an attribute or credential type that is to be disclosed.
func (c *identifierCheck) attribute(id irma.AttributeTypeID) {
	t := c.set.CredentialType(id.CredentialType())
	if t == nil {
		c.credentialType(id.CredentialType(), string(id))
		return
	}
	if id.IsCredential() {
		return
	}
	if _, ok := t.AttributePosition(id.Name()); !ok {
		c.addUnknown(string(id))
		c.suggest(string(id))
	}
}

// credential checks a credential that is to be issued.
func (c *identifierCheck) credential(cred irma.CredentialRequest) {
	t := c.set.CredentialType(cred.CredentialTypeID)
	if t == nil {
		c.credentialType(cred.CredentialTypeID, string(cred.CredentialTypeID))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(cred.Attributes)) {
		_, ok := t.AttributePosition(name)
		revocation := name == "" && t.RevocationPosition() >= 0 // gets an error of its own
		if !ok && !revocation {
			id := string(t.ID.Attribute(name))
			c.addUnknown(id)
			c.suggest(id)
		}
	}
	for _, attr := range t.Attributes {
		if _, ok := cred.Attributes[attr.ID]; !ok && attr.required() && len(c.missing) <= maxNamed {
			c.missing = append(c.missing, string(t.ID.Attribute(attr.ID)))
		}
	}
}

// required reports whether a request to issue must have the attribute.
func (a AttributeType) required() bool { return !a.Optional && !a.Revocation && !a.Randomblind }

// credentialType notes an unknown credential type along with its scheme and
// issuer, if they are unknown too. asked is what the request has.
func (c *identifierCheck) credentialType(id irma.CredentialTypeID, asked string) {
	if c.set.Scheme(id.Scheme()) == nil {
		c.addUnknown(string(id.Scheme()))
		c.absent = id.Scheme()
	}
	if c.set.Issuer(id.Issuer()) == nil {
		c.addUnknown(string(id.Issuer()))
	}
	c.addUnknown(string(id))
	c.suggest(asked)
}

func (c *identifierCheck) addUnknown(id string) {
	id = short(id)
	if len(c.unknown) <= maxNamed && !slices.Contains(c.unknown, id) {
		c.unknown = append(c.unknown, id)
	}
}

// short cuts what is too long to be repeated.
func short(id string) string {
	if len(id) <= maxNamedLength {
		return id
	}
	return strings.ToValidUTF8(id[:maxNamedLength], "") + "..."
}

// Limits on the time spent on wrong requests.
const (
	maxSearches    = 10
	maxSuggestions = 3
)

func (c *identifierCheck) suggest(id string) {
	if c.searches == maxSearches || len(c.suggestions) == maxSuggestions {
		return
	}
	c.searches++
	near := c.set.Nearest(id)
	if near != "" && !slices.Contains(c.suggestions, near) {
		c.suggestions = append(c.suggestions, near)
	}
}

// list joins the identifiers, up to a number that a person would read.
func list(ids []string) string {
	if len(ids) > maxNamed {
		return strings.Join(ids[:maxNamed], ", ") + ", ..."
	}
	return strings.Join(ids, ", ")
}

func (c *identifierCheck) didYouMean() string {
	switch {
	case len(c.suggestions) > 0:
		return "; did you mean " + strings.Join(c.suggestions, ", ") + "?"
	case c.absent != "":
		return "; this server does not have the scheme " + short(string(c.absent))
	}
	return ""
}
