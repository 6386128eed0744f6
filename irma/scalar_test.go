package irma_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func TestIntJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{`""`, `""`},
		{`0`, `""`},
		{`"AA=="`, `""`},
		{`"AQ=="`, `"AQ=="`},
		{`"AAE="`, `"AQ=="`},
		{` "AQ==" `, `"AQ=="`},
		{`"\u0041Q=="`, `"AQ=="`},
		{`255`, `"/w=="`},
		{`18446744073709551616`, `"AQAAAAAAAAAA"`},
	} {
		var i irma.Int
		if err := i.UnmarshalJSON([]byte(test.in)); err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if diff := cmp.Diff(test.want, encode(t, &i)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.in, diff)
		}
	}
	for _, in := range []string{``, `null`, `-1`, `1.0`, `1e3`, `0x10`, `"AQ"`, `"A_=="`, `"x`, `true`, `[]`, `{}`, `+1`} {
		var i irma.Int
		if err := i.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("accepted %q as %v", in, i.Big())
		}
	}
}

func TestIntEqual(t *testing.T) {
	t.Parallel()
	one := irma.NewInt(1)
	for _, test := range []struct {
		name string
		a, b *irma.Int
		want bool
	}{
		{"same", one, irma.NewInt(1), true},
		{"different", one, irma.NewInt(2), false},
		{"both absent", nil, nil, true},
		{"absent and zero", nil, irma.NewInt(0), false},
		{"zero and absent", irma.NewInt(0), nil, false},
	} {
		if got := test.a.Equal(test.b); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}

func TestNegativeIntIsNotEncoded(t *testing.T) {
	t.Parallel()
	i := irma.NewInt(1)
	i.Big().SetInt64(-1)
	if out, err := json.Marshal(i); err == nil {
		t.Errorf("encoded as %s", out)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`2.8`, `"2.8"`} {
		got, err := irma.ParseVersion(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if diff := cmp.Diff(irma.Version{Major: 2, Minor: 8}, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", in, diff)
		}
		if diff := cmp.Diff(`"2.8"`, encode(t, got)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", in, diff)
		}
	}
	for _, in := range []string{``, `2`, `2.`, `.8`, `2.8.1`, `"2.8`, `2.8"`, `""2.8""`, `-2.8`, `2.-8`, `x.y`, ` 2.8`, `2.99999999999999999999`} {
		_, err := irma.ParseVersion(in)
		if err == nil {
			t.Errorf("accepted %q", in)
		} else if diff := cmp.Diff("Invalid protocol version number: not of form x.y", err.Error()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", in, diff)
		}
	}
}

func TestVersionCompare(t *testing.T) {
	t.Parallel()
	ordered := []irma.Version{{Major: 1, Minor: 9}, {Major: 2, Minor: 0}, {Major: 2, Minor: 8}, {Major: 2, Minor: 10}, {Major: 3}}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestTimestampJSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]irma.Timestamp{`1900000000`: 1900000000, `0`: 0, `null`: 0, `-5`: -5} {
		got := irma.Timestamp(7)
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: got %d, %v", in, got, err)
		}
	}
	for _, in := range []string{`"1900000000"`, `1.5`, `1e3`, `99999999999999999999`, `{}`} {
		var got irma.Timestamp
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("accepted %s as %d", in, got)
		}
	}
}

func TestTimestampTime(t *testing.T) {
	t.Parallel()
	if !irma.Timestamp(0).Time().IsZero() {
		t.Error("absent timestamp is not the zero time")
	}
	moment := time.Date(2023, 11, 14, 22, 13, 20, 999, time.UTC)
	if got := irma.NewTimestamp(moment); got != 1700000000 {
		t.Errorf("got %d", got)
	}
	if got := irma.Timestamp(1700000000).Time().UTC(); !got.Equal(moment.Truncate(time.Second)) {
		t.Errorf("got %s", got)
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	attr := irma.AttributeTypeID("pbdf.sidn-pbdf.email.domain")
	got := []string{
		string(attr.CredentialType()), attr.Name(),
		string(attr.CredentialType().Issuer()), attr.CredentialType().Name(), string(attr.CredentialType().Scheme()),
		string(attr.CredentialType().Issuer().Scheme()), attr.CredentialType().Issuer().Name(),
		string(attr.CredentialType().Attribute("email")),
		string(irma.AttributeTypeID("a.b.c").CredentialType()), string(irma.AttributeTypeID("a.b").CredentialType()),
	}
	want := []string{
		"pbdf.sidn-pbdf.email", "domain", "pbdf.sidn-pbdf", "email", "pbdf", "pbdf", "sidn-pbdf",
		"pbdf.sidn-pbdf.email.email", "a.b.c", "a.b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !irma.CredentialTypeID("a.b.c").Valid() || irma.CredentialTypeID("a.b").Valid() || !irma.IssuerID("a.b").Valid() || irma.IssuerID("a.b.c").Valid() {
		t.Error("number of parts is not checked")
	}
	if !irma.AttributeTypeID("a.b.c").IsCredential() || attr.IsCredential() {
		t.Error("credential types and attributes are not told apart")
	}
	for id, want := range map[irma.AttributeTypeID]bool{
		"a.b.c": true, "a.b.c.d": true, "a.b": false, "a.b.c.d.e": false, "": false, "a..c": false, ".b.c": false, "a.b.": false,
	} {
		if id.Valid() != want {
			t.Errorf("%q: got valid %v", id, !want)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("starting session: %w", irma.ErrInvalidRequest.Withf("%d found", 2))
	if !errors.Is(err, irma.ErrInvalidRequest) {
		t.Error("an error with a message is no longer of its kind")
	}
	if errors.Is(err, irma.ErrNotFound) || errors.Is(err, irma.ErrMalformedInput) {
		t.Error("an error is of two kinds")
	}
	if diff := cmp.Diff(`{"status":400,"error":"INVALID_REQUEST","description":"Invalid HTTP request","message":"2 found"}`, encode(t, irma.AsError(err))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if irma.AsError(errors.New("x")) != nil {
		t.Error("any error is an Error")
	}
	if irma.ErrInvalidRequest.Message != "" {
		t.Error("With changed the catalogue")
	}
}
