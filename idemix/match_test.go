package idemix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/irmad/irmaserver/irma"
)

// brief writes disclosed attributes as name=value, or name for an absent value,
// followed by + for extras.
func brief(disclosed [][]*irma.DisclosedAttribute) []string {
	var out []string
	for _, list := range disclosed {
		if list == nil {
			out = append(out, "null")
			continue
		}
		texts := []string{}
		for _, attr := range list {
			text := attr.Identifier.Name()
			if attr.RawValue != nil {
				text += "=" + *attr.RawValue
			}
			if attr.Status == irma.AttributeExtra {
				text += "+"
			}
			texts = append(texts, text)
		}
		out = append(out, fmt.Sprint(texts))
	}
	return out
}

// con reads "type.attribute type.attribute=value type.attribute!", in which !
// refuses an absent value. Identifiers are short of "irmad-demo.".
func con(text string) irma.Con {
	out := irma.Con{}
	for _, field := range strings.Fields(text) {
		var request irma.AttributeRequest
		id, value, given := strings.Cut(field, "=")
		if given {
			request.Value = &value
		}
		id, request.NotNull = strings.CutSuffix(id, "!")
		request.Type = irma.AttributeTypeID("irmad-demo." + id)
		out = append(out, request)
	}
	return out
}

func discon(cons ...string) irma.DisCon {
	var out irma.DisCon
	for _, text := range cons {
		out = append(out, con(text))
	}
	return out
}

// Proof 0 discloses Alice's names and prefix, which is absent; proof 1 all but
// the birth date of Bob; proof 2 over12 and over18; proof 3 only its metadata.
func TestMatch(t *testing.T) {
	t.Parallel()
	proofs := wireProofs(prove(
		show{shared().alice, []int{1, 2, 3, 4}},
		show{shared().bob, []int{1, 2, 3, 4, 6}},
		show{shared().age, []int{1, 2, 4}},
		show{shared().root, []int{1}},
	))
	const (
		extrasOf0 = "firstName=Alice+ prefix+ familyName=Jansen+"
		extrasOf1 = "firstName=Bob+ prefix=van+ familyName=Dijk+ city=Delft+"
		extrasOf2 = "over12=yes+ over18=no+"
	)
	extras := func(texts ...string) string { return "[" + strings.Join(texts, " ") + "]" }
	valid, missing := irma.ProofValid, irma.ProofMissingAttributes
	tests := map[string]struct {
		disclose irma.ConDisCon
		indices  irma.DisclosedIndices
		status   irma.ProofStatus
		want     []string
	}{
		"one attribute": {
			irma.ConDisCon{discon("gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 4)}, valid,
			[]string{"[over18=no]", extras(extrasOf0, extrasOf1, "over12=yes+")},
		},
		"right value": {
			irma.ConDisCon{discon("gov.ageLimits.over18=no")}, irma.DisclosedIndices{at(2, 4)}, valid,
			[]string{"[over18=no]", extras(extrasOf0, extrasOf1, "over12=yes+")},
		},
		"wrong value": {
			irma.ConDisCon{discon("gov.ageLimits.over18=yes")}, irma.DisclosedIndices{at(2, 4)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over12=yes+")},
		},
		"wrong attribute": {
			irma.ConDisCon{discon("gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"wrong type": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(2, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"one of two disjunctions": {
			irma.ConDisCon{discon("gov.root.bsn"), discon("gov.ageLimits.over12")}, irma.DisclosedIndices{at(), at(2, 2)}, missing,
			[]string{"null", "[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"same attribute twice": {
			irma.ConDisCon{discon("gov.ageLimits.over12"), discon("gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 2), at(2, 2)}, valid,
			[]string{"[over12=yes]", "[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"absent value": {
			irma.ConDisCon{discon("gov.personalData.prefix")}, irma.DisclosedIndices{at(0, 3)}, valid,
			[]string{"[prefix]", extras("firstName=Alice+ familyName=Jansen+", extrasOf1, extrasOf2)},
		},
		"absent value, not allowed": {
			irma.ConDisCon{discon("gov.personalData.prefix!")}, irma.DisclosedIndices{at(0, 3)}, missing,
			[]string{"null", extras("firstName=Alice+ familyName=Jansen+", extrasOf1, extrasOf2)},
		},
		"present value, absent not allowed": {
			irma.ConDisCon{discon("gov.personalData.prefix!")}, irma.DisclosedIndices{at(1, 3)}, valid,
			[]string{"[prefix=van]", extras(extrasOf0, "firstName=Bob+ familyName=Dijk+ city=Delft+", extrasOf2)},
		},
		"absent value never equals one": {
			irma.ConDisCon{discon("gov.personalData.prefix=")}, irma.DisclosedIndices{at(0, 3)}, missing,
			[]string{"null", extras("firstName=Alice+ familyName=Jansen+", extrasOf1, extrasOf2)},
		},
		"second conjunction": {
			irma.ConDisCon{discon("gov.root.bsn", "gov.ageLimits.over12 gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 2, 2, 4)}, valid,
			[]string{"[over12=yes over18=no]", extras(extrasOf0, extrasOf1)},
		},
		"first of two satisfied conjunctions": {
			irma.ConDisCon{discon("gov.ageLimits.over12", "gov.ageLimits.over12 gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 2, 2, 4)}, valid,
			[]string{"[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"other order than the conjunction": {
			irma.ConDisCon{discon("gov.ageLimits.over12 gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 4, 2, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1)},
		},
		"too few pointers": {
			irma.ConDisCon{discon("gov.ageLimits.over12 gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"surplus pointers hide nothing": {
			irma.ConDisCon{discon("gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 2, 2, 4, 1, 6)}, valid,
			[]string{"[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"surplus pointer to a requested attribute": {
			irma.ConDisCon{discon("gov.ageLimits.over12"), discon("gov.ageLimits.over18")}, irma.DisclosedIndices{at(2, 2, 2, 4), at(2, 4)}, valid,
			[]string{"[over12=yes]", "[over18=no]", extras(extrasOf0, extrasOf1)},
		},
		"surplus lists are ignored": {
			irma.ConDisCon{discon("gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 2), at(2, 4), at(77, 1), {nil}}, valid,
			[]string{"[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"too few lists": {
			irma.ConDisCon{discon("gov.ageLimits.over12"), discon("", "gov.root.bsn")}, irma.DisclosedIndices{at(2, 2)}, missing,
			[]string{extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"optional and skipped": {
			irma.ConDisCon{discon("", "gov.ageLimits.over12")}, irma.DisclosedIndices{at()}, valid,
			[]string{"[]", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"optional and disclosed": {
			irma.ConDisCon{discon("", "gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 2)}, valid,
			[]string{"[over12=yes]", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"optional and something else": {
			irma.ConDisCon{discon("", "gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 4)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over12=yes+")},
		},
		"only optional and something else": {
			irma.ConDisCon{discon("")}, irma.DisclosedIndices{at(2, 4)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over12=yes+")},
		},
		"credential itself": {
			irma.ConDisCon{discon("gov.root")}, irma.DisclosedIndices{at(3, 1)}, valid,
			[]string{"[root=present]", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"credential itself, by an attribute": {
			irma.ConDisCon{discon("gov.ageLimits")}, irma.DisclosedIndices{at(2, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, "over18=no+")},
		},
		"attribute, by the credential itself": {
			irma.ConDisCon{discon("gov.ageLimits.over12")}, irma.DisclosedIndices{at(2, 1)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"hidden attribute": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(3, 2)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"secret key": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(3, 0)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"attribute beyond the type": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(3, 3)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"attribute far beyond the type": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(3, 1<<40)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"negative attribute": {
			irma.ConDisCon{discon("gov.root.bsn")}, irma.DisclosedIndices{at(3, -1)}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"attributes of one instance": {
			irma.ConDisCon{discon("gov.personalData.firstName gov.personalData.familyName")}, irma.DisclosedIndices{at(1, 2, 1, 4)}, valid,
			[]string{"[firstName=Bob familyName=Dijk]", extras(extrasOf0, "prefix=van+ city=Delft+", extrasOf2)},
		},
		"attributes of two instances in one conjunction": {
			irma.ConDisCon{discon("gov.personalData.firstName gov.personalData.familyName")}, irma.DisclosedIndices{at(0, 2, 1, 4)}, missing,
			[]string{"null", extras("prefix+ familyName=Jansen+", "firstName=Bob+ prefix=van+ city=Delft+", extrasOf2)},
		},
		"credential itself of another instance": {
			irma.ConDisCon{discon("gov.personalData gov.personalData.city")}, irma.DisclosedIndices{at(0, 1, 1, 6)}, missing,
			[]string{"null", extras(extrasOf0, "firstName=Bob+ prefix=van+ familyName=Dijk+", extrasOf2)},
		},
		"attributes of two instances in two disjunctions": {
			irma.ConDisCon{discon("gov.personalData.firstName"), discon("gov.personalData.familyName")}, irma.DisclosedIndices{at(0, 2), at(1, 4)}, valid,
			[]string{"[firstName=Alice]", "[familyName=Dijk]", extras("prefix+ familyName=Jansen+", "firstName=Bob+ prefix=van+ city=Delft+", extrasOf2)},
		},
		"attributes of two types in one conjunction": {
			irma.ConDisCon{discon("gov.ageLimits.over18 gov.personalData.city")}, irma.DisclosedIndices{at(2, 4, 1, 6)}, valid,
			[]string{"[over18=no city=Delft]", extras(extrasOf0, "firstName=Bob+ prefix=van+ familyName=Dijk+", "over12=yes+")},
		},
		"disjunction without conjunctions": {
			irma.ConDisCon{{}}, irma.DisclosedIndices{at()}, missing,
			[]string{"null", extras(extrasOf0, extrasOf1, extrasOf2)},
		},
		"nothing asked": {
			nil, nil, valid, []string{extras(extrasOf0, extrasOf1, extrasOf2)},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := bound(&irma.SessionRequest{Disclose: test.disclose})
			got := verify(t, req, &irma.Disclosure{Proofs: proofs, Indices: test.indices}, now)
			if got.Status != test.status {
				t.Errorf("status %s (%s), want %s", got.Status, got.Reason, test.status)
			}
			if diff := cmp.Diff(test.want, brief(got.Disclosed)); diff != "" {
				t.Errorf("disclosed (-want +got):\n%s", diff)
			}
		})
	}
}

// A pointer names one of the disclosure proofs, also where it is surplus.
func TestPointersOutsideTheProofs(t *testing.T) {
	t.Parallel()
	proofs := wireProofs(prove(show{shared().age, []int{1, 4}}))
	for name, indices := range map[string]irma.DisclosedIndices{
		"beyond":         {at(1, 4)},
		"far beyond":     {at(1<<40, 4)},
		"negative":       {at(-1, 4)},
		"null":           {{nil}},
		"surplus":        {at(0, 4, 1, 4)},
		"surplus null":   {append(at(0, 4), nil)},
		"too few lists":  {at(5, 4)},
		"on an optional": {at(0, 4), at(1, 4)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := bound(&irma.SessionRequest{Disclose: irma.ConDisCon{
				discon("gov.ageLimits.over18"), discon("", "gov.root.bsn")}})
			got := verify(t, req, &irma.Disclosure{Proofs: proofs, Indices: indices}, now)
			wantInvalid(t, got, "point outside the disclosure proofs")
		})
	}
}
