package demo_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

func TestSet(t *testing.T) {
	t.Parallel()
	set, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Scheme(demo.ID); s == nil || !s.Demo || s.Distributed() || s.TimestampServer != "" {
		t.Errorf("scheme is %+v", s)
	}
	got := map[irma.CredentialTypeID][]scheme.AttributeType{}
	for typ := range set.CredentialTypes() {
		for _, attr := range typ.Attributes {
			attr.Name, attr.Description = nil, nil
			got[typ.ID] = append(got[typ.ID], attr)
		}
	}
	want := map[irma.CredentialTypeID][]scheme.AttributeType{
		"irmad-demo.gov.ageLimits":    {{ID: "over12"}, {ID: "over16"}, {ID: "over18"}, {ID: "over21"}},
		"irmad-demo.gov.personalData": {{ID: "firstName"}, {ID: "prefix", Optional: true}, {ID: "familyName"}, {ID: "birthDate"}, {ID: "city"}},
		"irmad-demo.gov.root":         {{ID: "bsn"}},
		"irmad-demo.vote.ballot":      {{ID: "election"}, {ID: "votingNumber", Randomblind: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("credential types (-want +got):\n%s", diff)
	}
}

func TestKeysIssue(t *testing.T) {
	t.Parallel()
	set, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	for issuer := range set.Issuers() {
		counter, err := set.LatestPrivateKey(issuer.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(set.PublicKeyCounters(issuer.ID), counter) {
			t.Errorf("%s has no public key %d", issuer.ID, counter)
		}
		if _, err := set.PrivateKey(issuer.ID, counter); err != nil {
			t.Error(err)
		}
	}
}
