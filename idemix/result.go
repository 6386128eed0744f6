package idemix

import "github.com/irmad/irmaserver/irma"

// present is the value reported for a credential that was itself asked for.
const present = "present"

// attribute returns a disclosed attribute as requestors see it (spec 11 §6), or
// nil when the proof does not disclose it. Revocation attributes serve the
// protocol only and are never reported.
func (p *presentation) attribute(index int) *irma.DisclosedAttribute {
	value, ok := p.proof.ADisclosed[index]
	if !ok {
		return nil
	}
	if index == metadataIndex {
		raw := present
		return p.disclosed(irma.AttributeTypeID(p.typ.ID), &raw)
	}
	position := index - firstIndex
	if position < 0 || position >= len(p.typ.Attributes) || p.typ.Attributes[position].Revocation {
		return nil
	}
	typ := p.typ.Attributes[position]
	id := p.typ.ID.Attribute(typ.ID)
	if typ.Randomblind {
		raw := irma.DecodeRandomblind(value)
		return p.disclosed(id, &raw)
	}
	return p.disclosed(id, irma.DecodeAttribute(value, p.metadata.Version))
}

func (p *presentation) disclosed(id irma.AttributeTypeID, raw *string) *irma.DisclosedAttribute {
	attr := &irma.DisclosedAttribute{
		RawValue:     raw,
		Identifier:   id,
		Status:       irma.AttributeNull,
		IssuanceTime: p.metadata.SigningDate,
	}
	if raw != nil {
		attr.Status = irma.AttributePresent
		attr.Value = irma.TranslatedString{"": *raw, "en": *raw, "nl": *raw}
	}
	return attr
}
