package scheme_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	set := load(t, testScheme(t, "test").signed(t, "test", "test"))
	for query, want := range map[string][]irma.AttributeTypeID{
		"":         nil,
		" \t":      nil,
		"nonsense": nil,
		// By name before description, by another language, in any case.
		"NAAM":             {"test.office.card.name"},
		"titel":            {"test.office.card.title"},
		"kaart":            {"test.office.card"},
		"name card":        {"test.office.card.name"},
		"card name":        {"test.office.card.name"},
		"ballot name":      nil,
		"election":         {"test.office.ballot.election"},
		"stempas number":   {"test.office.ballot.number"},
		"your":             {"test.office.card.name", "test.office.card.title"},
		"test.office.card": {"test.office.card", "test.office.card.name", "test.office.card.title"},
		"kantoor":          {"test.office.ballot", "test.office.card", "test.office.pass"},
		"kantoor title":    {"test.office.card.title"},
		// The revocation attribute has no name.
		"pass": {"test.office.pass", "test.office.pass.level"},
	} {
		var got []irma.AttributeTypeID
		for _, m := range set.Search(query) {
			got = append(got, m.ID())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	if len(new(scheme.Set).Search("name")) > 0 {
		t.Error("found something in nothing")
	}
}
