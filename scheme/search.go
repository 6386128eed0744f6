package scheme

import (
	"cmp"
	"slices"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Match is what [Set.Search] finds: a credential type, or an attribute of it.
type Match struct {
	Type      *CredentialType
	Attribute *AttributeType // nil for the credential type as a whole
}

// ID returns the identifier, as a session request names what was found.
func (m Match) ID() irma.AttributeTypeID {
	if m.Attribute == nil {
		return irma.AttributeTypeID(m.Type.ID)
	}
	return m.Type.ID.Attribute(m.Attribute.ID)
}

// Search finds credential types and attributes by words in their identifiers, names
// and descriptions, in any language and regardless of case; a part of a word will
// do. A credential type is also found by the name of its issuer. All words
// must occur in what is found or in what it belongs to. The best matches come first:
// what has such a name before what is described so. Without words nothing is found.
func (s *Set) Search(query string) []Match {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return nil
	}
	type scored struct {
		Match
		score int
	}
	var found []scored
	add := func(m Match, own, around []facet) {
		if score := rate(words, own, around); score > 0 {
			found = append(found, scored{m, score})
		}
	}
	for _, t := range s.types {
		own, issuer := t.facets(), s.issuerFacets(t.ID.Issuer())
		add(Match{Type: t}, slices.Concat(own, issuer), nil)
		for i := range t.Attributes {
			if attr := &t.Attributes[i]; !attr.Revocation {
				add(Match{t, attr}, attr.facets(t.ID), slices.Concat(own, issuer))
			}
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	out := make([]Match, len(found))
	for i, f := range found {
		out[i] = f.Match
	}
	return out
}

// facet is a text about something, in lower case, and how much it tells.
type facet struct {
	text   string
	weight int
}

// Weights of facets. A word that is the whole text counts twice.
const (
	nameWeight        = 6
	idWeight          = 5
	issuerWeight      = 2
	descriptionWeight = 1
)

func facets(texts irma.TranslatedString, weight int) []facet {
	var out []facet
	for _, text := range texts {
		out = append(out, facet{strings.ToLower(text), weight})
	}
	return out
}

func (t *CredentialType) facets() []facet {
	return slices.Concat(
		[]facet{{strings.ToLower(t.ID.Name()), idWeight}, {strings.ToLower(string(t.ID)), descriptionWeight}},
		facets(t.Name, nameWeight), facets(t.Description, descriptionWeight))
}

func (s *Set) issuerFacets(id irma.IssuerID) []facet {
	out := []facet{{strings.ToLower(id.Name()), issuerWeight}}
	if issuer := s.Issuer(id); issuer != nil {
		out = append(out, facets(issuer.Name, issuerWeight)...)
	}
	return out
}

func (attr *AttributeType) facets(id irma.CredentialTypeID) []facet {
	return slices.Concat(
		[]facet{{strings.ToLower(attr.ID), idWeight}, {strings.ToLower(string(id.Attribute(attr.ID))), descriptionWeight}},
		facets(attr.Name, nameWeight), facets(attr.Description, descriptionWeight))
}

// rate returns 0 unless all words occur, and one of them in what is its own. What is
// around it says no more than that a word is there.
func rate(words []string, own, around []facet) int {
	total, mine := 0, false
	for _, word := range words {
		best := 0
		for _, f := range own {
			switch {
			case f.text == word:
				best = max(best, 2*f.weight)
			case strings.Contains(f.text, word):
				best = max(best, f.weight)
			}
		}
		mine = mine || best > 0
		if best == 0 && !slices.ContainsFunc(around, func(f facet) bool { return strings.Contains(f.text, word) }) {
			return 0
		}
		total += best
	}
	if !mine {
		return 0
	}
	return total
}
