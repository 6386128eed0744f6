package idemix

import (
	"slices"

	"github.com/irmad/irmaserver/irma"
)

// checkPointers checks that every pointer of a requested disjunction names a
// disclosure proof of the message. What it points to within that proof is
// judged when the disjunction is matched. Lists beyond the disjunctions are
// ignored.
func checkPointers(disclose irma.ConDisCon, indices irma.DisclosedIndices, proofs int) error {
	for i, pointers := range indices[:min(len(indices), len(disclose))] {
		for _, pointer := range pointers {
			if pointer == nil || pointer.Credential < 0 || pointer.Credential >= proofs {
				return violated("indices of disjunction %d point outside the disclosure proofs", i)
			}
		}
	}
	return nil
}

// match tells what the wallet disclosed for every disjunction, and whether all
// are satisfied. If there are fewer lists of pointers than disjunctions nothing
// is matched (spec 12 §5). Attributes that no disjunction accounts for follow
// as extras.
func match(disclose irma.ConDisCon, indices irma.DisclosedIndices, shown []*presentation) ([][]*irma.DisclosedAttribute, bool) {
	m := matcher{shown: shown, claimed: make(map[irma.DisclosedIndex]bool)}
	var out [][]*irma.DisclosedAttribute
	satisfied := len(indices) >= len(disclose)
	if satisfied {
		for i, discon := range disclose {
			attrs := m.discon(discon, indices[i])
			out = append(out, attrs)
			satisfied = satisfied && attrs != nil
		}
	} else {
		for _, pointers := range indices {
			m.claim(pointers)
		}
	}
	if extras := m.extras(); len(extras) > 0 {
		out = append(out, extras)
	}
	return out, satisfied
}

// matcher looks up attributes in proofs that were found correct.
type matcher struct {
	shown   []*presentation
	claimed map[irma.DisclosedIndex]bool // attributes reported or missed by a disjunction
}

func (m *matcher) claim(pointers []*irma.DisclosedIndex) {
	for _, pointer := range pointers {
		m.claimed[*pointer] = true
	}
}

// discon returns the attributes of the first conjunction that the pointers
// satisfy, or nil. Pointers beyond that conjunction are not its attributes and
// claim nothing.
func (m *matcher) discon(discon irma.DisCon, pointers []*irma.DisclosedIndex) []*irma.DisclosedAttribute {
	for _, con := range discon {
		if attrs := m.con(con, pointers); attrs != nil {
			m.claim(pointers[:len(con)])
			return attrs
		}
	}
	m.claim(pointers)
	return nil
}

// con returns the attributes of con, or nil if the pointers do not satisfy it.
// The empty con means that the wallet skips the disjunction, so it goes with no
// pointers at all.
func (m *matcher) con(con irma.Con, pointers []*irma.DisclosedIndex) []*irma.DisclosedAttribute {
	if len(pointers) < len(con) || len(con) == 0 && len(pointers) > 0 {
		return nil
	}
	if !oneInstance(con, pointers) {
		return nil
	}
	attrs := make([]*irma.DisclosedAttribute, 0, len(con))
	for i, request := range con {
		attr := m.lookup(*pointers[i])
		if attr == nil || attr.Identifier != request.Type || !request.Accepts(attr.RawValue) {
			return nil
		}
		attrs = append(attrs, attr)
	}
	return attrs
}

// oneInstance reports whether attributes of one credential type come from one
// credential: a conjunction asks for attributes that belong together.
func oneInstance(con irma.Con, pointers []*irma.DisclosedIndex) bool {
	instances := make(map[irma.CredentialTypeID]int, 1)
	for i, request := range con {
		typ := request.Type.CredentialType()
		if known, ok := instances[typ]; ok && known != pointers[i].Credential {
			return false
		}
		instances[typ] = pointers[i].Credential
	}
	return true
}

// lookup returns the attribute that was pointed to, or nil if it is not
// disclosed.
func (m *matcher) lookup(pointer irma.DisclosedIndex) *irma.DisclosedAttribute {
	return m.shown[pointer.Credential].attribute(pointer.Attribute)
}

// extras returns the disclosed attributes that no disjunction claims, ordered
// by proof and attribute index.
func (m *matcher) extras() []*irma.DisclosedAttribute {
	var out []*irma.DisclosedAttribute
	for i, p := range m.shown {
		for _, index := range p.disclosedIndices() {
			pointer := irma.DisclosedIndex{Credential: i, Attribute: index}
			if index < firstIndex || m.claimed[pointer] {
				continue
			}
			if attr := m.lookup(pointer); attr != nil {
				attr.Status = irma.AttributeExtra
				out = append(out, attr)
			}
		}
	}
	return out
}

func (p *presentation) disclosedIndices() []int {
	out := make([]int, 0, len(p.proof.ADisclosed))
	for i := range p.proof.ADisclosed {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}
