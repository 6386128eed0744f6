package interop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

const (
	familynameAttribute = "irma-demo.MijnOverheid.fullName.familyname"
	prefixAttribute     = "irma-demo.MijnOverheid.fullName.prefix"
)

// newCouple makes a wallet with two credentials of one type, of which only the
// second has all attributes, and with a singleton.
func newCouple(t *testing.T) *wallet {
	t.Helper()
	w := newWallet(t)
	w.perform(startSession(t, `{"@context": "https://irma.app/ld/request/issuance/v2", "credentials": [
		{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "299792458"}},
		{"credential": "irma-demo.MijnOverheid.fullName",
		 "attributes": {"firstnames": "Anna Maria", "firstname": "Anna", "familyname": "Bruijn"}},
		{"credential": "irma-demo.MijnOverheid.fullName",
		 "attributes": {"firstnames": "Bernard", "firstname": "Ben", "familyname": "Vries", "prefix": "de"}}]}`))
	return w
}

// The wallet offers what satisfies the request and nothing else.
func TestChoices(t *testing.T) {
	t.Parallel()
	anna := []disclosedAttribute{present(firstnameAttribute, "Anna"), present(familynameAttribute, "Bruijn")}
	ben := []disclosedAttribute{present(firstnameAttribute, "Ben"), present(familynameAttribute, "Vries")}
	bsn := []disclosedAttribute{present(bsnAttribute, "299792458")}
	names := `"` + firstnameAttribute + `", "` + familynameAttribute + `"`
	tests := map[string]struct {
		disclose string
		choose   []int
		offers   []int // how many possibilities there are for each disjunction
		want     [][]disclosedAttribute
	}{
		"first of two credentials":  {`[[[` + names + `]]]`, []int{0}, []int{2}, [][]disclosedAttribute{anna}},
		"second of two credentials": {`[[[` + names + `]]]`, []int{1}, []int{2}, [][]disclosedAttribute{ben}},
		"both credentials": {
			`[[[` + names + `]], [[` + names + `]]]`, []int{1, 0}, []int{2, 2}, [][]disclosedAttribute{ben, anna},
		},
		"one credential twice": {
			`[[[` + names + `]], [["` + prefixAttribute + `"]]]`, []int{1, 1}, []int{2, 2},
			[][]disclosedAttribute{ben, {present(prefixAttribute, "de")}},
		},
		"value of the second": {
			`[[[{"type": "` + firstnameAttribute + `", "value": "Ben"}, "` + familynameAttribute + `"]]]`,
			[]int{0}, []int{1}, [][]disclosedAttribute{ben},
		},
		"not null": {
			`[[[{"type": "` + prefixAttribute + `", "notNull": true}]]]`, []int{0}, []int{1},
			[][]disclosedAttribute{{present(prefixAttribute, "de")}},
		},
		"null": {`[[["` + prefixAttribute + `"]]]`, []int{0}, []int{2}, [][]disclosedAttribute{{null(prefixAttribute)}}},
		"with a singleton": {
			`[[["` + bsnAttribute + `", ` + names + `]]]`, []int{1}, []int{2},
			[][]disclosedAttribute{append(bsn[:1:1], ben...)},
		},
		"optional left out": {
			`[[[], ["` + bsnAttribute + `"]], [["` + bsnAttribute + `"]]]`, []int{0, 0}, []int{2, 1}, [][]disclosedAttribute{{}, bsn},
		},
		"optional disclosed": {
			`[[[], ["` + bsnAttribute + `"]], [["` + bsnAttribute + `"]]]`, []int{1, 0}, []int{2, 1}, [][]disclosedAttribute{bsn, bsn},
		},
		"nothing at all": {
			`[[[], ["` + bsnAttribute + `"]], [[], ["` + prefixAttribute + `"]]]`, []int{0, 0}, []int{2, 3}, [][]disclosedAttribute{{}, {}},
		},
		"possession of the second": {
			`[[["irma-demo.MijnOverheid.fullName"]], [["` + prefixAttribute + `"]]]`, []int{1, 1}, []int{2, 2},
			[][]disclosedAttribute{{possession("irma-demo.MijnOverheid.fullName")}, {present(prefixAttribute, "de")}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCouple(t)
			s := startSession(t, disclosureRequest(test.disclose))
			c := w.scan(s)
			q := c.question()
			if !q.satisfiable {
				t.Fatal("wallet cannot satisfy the request")
			}
			if diff := cmp.Diff(test.offers, offers(q)); diff != "" {
				t.Fatalf("possibilities (-want +got):\n%s", diff)
			}
			c.choose(q, test.choose...)
			c.mustEnd(succeeded)
			checkResult(t, "result", valid(s.Token, irma.ActionDisclosing, test.want...), s.result(t))
		})
	}
}

// offers counts the possibilities that the wallet has for each disjunction.
func offers(q question) []int {
	var counts []int
	for _, options := range q.candidates {
		count := 0
		for _, option := range options {
			if _, err := option.Choose(); err == nil {
				count++
			}
		}
		counts = append(counts, count)
	}
	return counts
}

// Wallets know themselves what they cannot satisfy.
func TestUnsatisfiable(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"value nobody has":        `[[[{"type": "` + firstnameAttribute + `", "value": "Carla"}]]]`,
		"values of two people":    `[[[{"type": "` + firstnameAttribute + `", "value": "Anna"}, {"type": "` + familynameAttribute + `", "value": "Vries"}]]]`,
		"not null where it is":    `[[[{"type": "` + firstnameAttribute + `", "value": "Anna"}, {"type": "` + prefixAttribute + `", "notNull": true}]]]`,
		"one of two disjunctions": `[[["` + firstnameAttribute + `"]], [["irma-demo.RU.studentCard.level"]]]`,
		"half of an inner one":    `[[["` + bsnAttribute + `", "irma-demo.RU.studentCard.level"]]]`,
	}
	for name, disclose := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCouple(t)
			s := startSession(t, disclosureRequest(disclose))
			c := w.scan(s)
			q := c.question()
			if q.satisfiable {
				t.Error("wallet says that it can satisfy the request")
			}
			c.refuse(q)
			c.mustEnd(cancelled)
			checkCancelled(t, s, irma.ActionDisclosing)
		})
	}
}

// Labels say what a disjunction is for.
func TestLabels(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, `{"@context": "https://irma.app/ld/request/disclosure/v2",
		"disclose": [[["`+bsnAttribute+`"]], [["`+firstnameAttribute+`"]]],
		"labels": {"1": {"en": "Name & title", "nl": "Naam"}, "7": null}}`)
	c := w.scan(s)
	q := c.question()
	want := map[int]irma.TranslatedString{1: {"en": "Name & title", "nl": "Naam"}, 7: nil}
	if diff := cmp.Diff(want, q.request.Disclosure().Labels); diff != "" {
		t.Errorf("labels in the wallet (-want +got):\n%s", diff)
	}
	c.agree(q)
	c.mustEnd(succeeded)
}
