package wallet

import (
	"slices"

	"github.com/irmad/irmaserver/irma"
)

// matcher finds the ways in which credentials can satisfy a request.
type matcher struct {
	credentials []*credential // oldest first
	skipExpiry  []irma.CredentialTypeID
	now         irma.Timestamp
}

// disjunctions returns the options of every disjunction, and what has none.
func (m *matcher) disjunctions(request irma.ConDisCon) ([][]Option, *MissingError) {
	var out [][]Option
	var missing []irma.DisCon
	for _, discon := range request {
		options := m.options(discon)
		if len(options) == 0 {
			missing = append(missing, discon)
		}
		out = append(out, options)
	}
	if len(missing) > 0 {
		return out, &MissingError{Disjunctions: missing}
	}
	return out, nil
}

// options returns the ways to satisfy a disjunction, the empty one first.
func (m *matcher) options(discon irma.DisCon) []Option {
	var empty, others []Option
	for i, con := range discon {
		if len(con) == 0 && empty == nil {
			empty = []Option{{Conjunction: i}}
		}
		for _, attrs := range m.conjunction(con) {
			others = append(others, Option{Conjunction: i, Attributes: attrs})
		}
	}
	return append(empty, others...)
}

// conjunction returns the ways to satisfy a non-empty conjunction: every
// combination of one suitable instance per credential type. At most one type of
// a checked request is not a singleton, so there are no more combinations than
// instances.
func (m *matcher) conjunction(con irma.Con) [][]Attribute {
	if len(con) == 0 {
		return nil
	}
	combinations := [][]Attribute{make([]Attribute, len(con))}
	for _, typ := range typesOf(con) {
		var extended [][]Attribute
		for _, instance := range m.instances(typ, con) {
			for _, combination := range combinations {
				extended = append(extended, instance.fill(slices.Clone(combination), con))
			}
		}
		combinations = extended
	}
	return combinations
}

// instances returns the usable credentials of this type that have all the
// attributes which the conjunction asks of it, newest first.
func (m *matcher) instances(typ irma.CredentialTypeID, con irma.Con) []*credential {
	var out []*credential
	for _, cred := range slices.Backward(m.credentials) {
		if cred.typ.ID == typ && m.usable(cred) && cred.satisfies(con) {
			out = append(out, cred)
		}
	}
	return out
}

func (m *matcher) usable(cred *credential) bool {
	return !cred.expired(m.now) || slices.Contains(m.skipExpiry, cred.typ.ID)
}

// satisfies reports whether the credential has every attribute of its type in
// the conjunction, with an acceptable value.
func (c *credential) satisfies(con irma.Con) bool {
	for _, attr := range con {
		if attr.Type.CredentialType() != c.typ.ID {
			continue
		}
		index, known := c.index(attr.Type)
		if !known || !attr.Accepts(c.value(index)) {
			return false
		}
	}
	return true
}

// fill sets the attributes of the conjunction that this credential supplies.
func (c *credential) fill(attrs []Attribute, con irma.Con) []Attribute {
	for i, attr := range con {
		if attr.Type.CredentialType() != c.typ.ID {
			continue
		}
		index, _ := c.index(attr.Type)
		attrs[i] = Attribute{ID: attr.Type, Value: c.value(index), Credential: c.view(), source: c, index: index}
	}
	return attrs
}

// index returns the position of the attribute inside the credential; for the
// identifier of the credential type that is the metadata attribute.
func (c *credential) index(id irma.AttributeTypeID) (int, bool) {
	if id.IsCredential() {
		return metadataIndex, true
	}
	position, known := c.typ.AttributePosition(id.Name())
	return position + firstAttribute, known
}

// typesOf returns the credential types in the conjunction, in order of first
// use.
func typesOf(con irma.Con) []irma.CredentialTypeID {
	var out []irma.CredentialTypeID
	for _, attr := range con {
		if typ := attr.Type.CredentialType(); !slices.Contains(out, typ) {
			out = append(out, typ)
		}
	}
	return out
}
