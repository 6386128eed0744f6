package irma_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func TestAccepts(t *testing.T) {
	t.Parallel()
	a, b, empty := "a", "b", ""
	for _, test := range []struct {
		name  string
		req   irma.AttributeRequest
		value *string
		want  bool
	}{
		{"anything", irma.AttributeRequest{}, &a, true},
		{"anything, absent", irma.AttributeRequest{}, nil, true},
		{"not null", irma.AttributeRequest{NotNull: true}, &empty, true},
		{"not null, absent", irma.AttributeRequest{NotNull: true}, nil, false},
		{"equal", irma.AttributeRequest{Value: &a}, &a, true},
		{"other", irma.AttributeRequest{Value: &a}, &b, false},
		{"value, absent", irma.AttributeRequest{Value: &empty}, nil, false},
	} {
		if got := test.req.Accepts(test.value); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestConDisConAttributes(t *testing.T) {
	t.Parallel()
	condiscon := irma.ConDisCon{
		{{{Type: "a.b.c.d"}, {Type: "a.b.c.e"}}, {}},
		{{}, {{Type: "a.b.c"}}},
	}
	var got []irma.AttributeTypeID
	for attr := range condiscon.Attributes {
		got = append(got, attr.Type)
	}
	if diff := cmp.Diff([]irma.AttributeTypeID{"a.b.c.d", "a.b.c.e", "a.b.c"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
