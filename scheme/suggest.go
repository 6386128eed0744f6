package scheme

import (
	"strings"

	"github.com/irmad/irmaserver/internal/spelling"
	"github.com/irmad/irmaserver/irma"
)

// maxSuggestLength is the length of identifiers above which no suggestion is
// looked for; those in use are much shorter.
const maxSuggestLength = 150

// Nearest returns the known attribute or credential type that was probably meant
// by an unknown one, or "" if none is alike.
func (s *Set) Nearest(id string) string {
	if len(id) > maxSuggestLength {
		return ""
	}
	attr := irma.AttributeTypeID(id)
	t := s.nearestType(attr.CredentialType())
	switch {
	case t == nil:
		return ""
	case attr.IsCredential():
		return string(t.ID)
	}
	if near := t.nearestAttribute(attr.Name()); near != "" {
		return string(t.ID.Attribute(near))
	}
	if t.ID == attr.CredentialType() {
		return ""
	}
	return string(t.ID)
}

// nearestType returns the type itself if it is known; else one with a similar
// identifier; else one with the same name from another issuer.
func (s *Set) nearestType(id irma.CredentialTypeID) *CredentialType {
	if t := s.CredentialType(id); t != nil {
		return t
	}
	var best, namesake *CredentialType
	least := 1 + len(id)/8
	for _, t := range s.types {
		if d := distance(string(id), string(t.ID)); d <= least {
			best, least = t, d-1
		}
		if namesake == nil && strings.EqualFold(t.ID.Name(), id.Name()) {
			namesake = t
		}
	}
	if best == nil {
		return namesake
	}
	return best
}

func (t *CredentialType) nearestAttribute(name string) string {
	best, least := "", 1+len(name)/4
	for _, attr := range t.Attributes {
		if attr.ID == "" {
			continue
		}
		if d := distance(name, attr.ID); d <= least {
			best, least = attr.ID, d-1
		}
	}
	return best
}

// distance compares regardless of case.
func distance(a, b string) int {
	return spelling.Distance(strings.ToLower(a), strings.ToLower(b))
}
