package idemix

import "github.com/irmad/irmaserver/irma"

// Indices of attributes that all credentials have (spec 11 §1).
const (
	secretIndex   = 0 // the wallet's secret key
	metadataIndex = 1
	firstIndex    = 2 // the first attribute of the credential type
)

// readMetadata returns the metadata attribute of a proof. It has at most 24
// bytes and a known version: all later checks rest on what it says.
func readMetadata(proof *irma.ProofD) (irma.Metadata, error) {
	value := proof.ADisclosed[metadataIndex]
	if err := atMost(metadataBits, "metadata", value); err != nil {
		return irma.Metadata{}, err
	}
	metadata, err := irma.ParseMetadata(value)
	if err != nil {
		return irma.Metadata{}, violated("malformed metadata")
	}
	return metadata, nil
}

// checkShape applies the rules on disclosure proofs, cheapest first.
func (p *presentation) checkShape() error {
	return inOrder(
		p.checkExtensions,
		p.checkPlaces,
		p.checkDisjoint,
		p.checkIndices,
		p.checkRanges,
		func() error { return invertible("A", p.proof.A, modulus(p.key)) },
	)
}

// checkExtensions refuses members that this server cannot check: a proof that
// is not checked proves nothing, and must not look as if it did. Range proofs
// are not part of the protocol. Non-revocation proofs are not supported yet; for
// the same reason a request that demands one cannot be satisfied.
func (p *presentation) checkExtensions() error {
	if raw := p.proof.RangeProofs; len(raw) > 0 && string(raw) != "null" {
		return violated("rangeproofs are not allowed")
	}
	if p.proof.NonRev != nil {
		return violated("nonrev_proof cannot be checked by this server")
	}
	return nil
}

// checkPlaces checks that the secret key is hidden and the metadata disclosed.
// The secret key's response ties the proofs of one wallet together, and the
// metadata decides which key and type everything is checked against.
func (p *presentation) checkPlaces() error {
	_, hidden := p.proof.AResponses[secretIndex]
	_, shown := p.proof.ADisclosed[secretIndex]
	if !hidden || shown {
		return violated("the secret key must be hidden")
	}
	_, hidden = p.proof.AResponses[metadataIndex]
	_, shown = p.proof.ADisclosed[metadataIndex]
	if hidden || !shown {
		return violated("the metadata must be disclosed")
	}
	return nil
}

// checkDisjoint checks that no attribute is both disclosed and hidden. The
// equation determines the sum of both parts only, so the disclosed part would
// say nothing about the signed value.
func (p *presentation) checkDisjoint() error {
	for i := range p.proof.ADisclosed {
		if _, ok := p.proof.AResponses[i]; ok {
			return violated("attribute %d is both disclosed and hidden", i)
		}
	}
	return nil
}

// checkIndices checks that all attributes belong to the credential type and
// have a base in the public key.
func (p *presentation) checkIndices() error {
	last := lastIndex(p.typ, p.key)
	for _, values := range []map[int]*irma.Int{p.proof.ADisclosed, p.proof.AResponses} {
		for i := range values {
			if i < 0 || i > last {
				return violated("attribute %d does not exist, the last one is %d", i, last)
			}
		}
	}
	return nil
}

// checkRanges checks the sizes of all integers. Responses are as short as those
// to an attribute or exponent of the allowed length; the ranges are part of
// what the proof proves.
func (p *presentation) checkRanges() error {
	params := p.key.Params
	return first(
		atMost(challengeBits, "c", p.proof.C),
		atMost(params.LeCommit+1, "e_response", p.proof.EResponse),
		atMost(params.LvCommit+2, "v_response", p.proof.VResponse),
		mapAtMost(params.LmCommit+1, "a_responses", p.proof.AResponses),
		mapAtMost(maxValueBits, "a_disclosed", p.proof.ADisclosed),
	)
}
