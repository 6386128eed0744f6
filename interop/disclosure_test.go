package interop_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

func TestDisclosure(t *testing.T) {
	t.Parallel()
	const (
		bsn        = "irma-demo.MijnOverheid.singleton.BSN"
		firstname  = "irma-demo.MijnOverheid.fullName.firstname"
		familyname = "irma-demo.MijnOverheid.fullName.familyname"
		prefix     = "irma-demo.MijnOverheid.fullName.prefix"
	)
	tests := map[string]struct {
		disclose string
		want     [][]disclosedAttribute
	}{
		"one attribute": {
			`[[["` + bsn + `"]]]`,
			[][]disclosedAttribute{{present(bsn, "299792458")}},
		},
		"optional attribute without value": {
			`[[["` + prefix + `"]]]`,
			[][]disclosedAttribute{{null(prefix)}},
		},
		"attributes of one credential": {
			`[[["` + familyname + `", "` + prefix + `", "` + firstname + `"]]]`,
			[][]disclosedAttribute{{present(familyname, "Bruijn"), null(prefix), present(firstname, "Anna")}},
		},
		"credentials in disjunctions of their own": {
			`[[["` + firstname + `"]], [["` + bsn + `"]]]`,
			[][]disclosedAttribute{{present(firstname, "Anna")}, {present(bsn, "299792458")}},
		},
		"credentials in one conjunction": {
			`[[["` + firstname + `", "` + bsn + `"]]]`,
			[][]disclosedAttribute{{present(firstname, "Anna"), present(bsn, "299792458")}},
		},
		"required value": {
			`[[[{"type": "` + firstname + `", "value": "Anna"}]]]`,
			[][]disclosedAttribute{{present(firstname, "Anna")}},
		},
		"second of two alternatives": {
			`[[["irma-demo.RU.studentCard.university"], ["` + bsn + `"]]]`,
			[][]disclosedAttribute{{present(bsn, "299792458")}},
		},
		"possession of a credential": {
			`[[["irma-demo.MijnOverheid.fullName"]]]`,
			[][]disclosedAttribute{{possession("irma-demo.MijnOverheid.fullName")}},
		},
		"optional disjunction that cannot be satisfied": {
			`[[["` + firstname + `"]], [[], ["irma-demo.RU.studentCard.university"]]]`,
			[][]disclosedAttribute{{present(firstname, "Anna")}, {}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCitizen(t)
			s := startSession(t, disclosureRequest(test.disclose))
			w.perform(s)

			want := sessionResult{
				Token:       s.Token,
				Status:      irma.ServerStatusDone,
				Type:        irma.ActionDisclosing,
				ProofStatus: irma.ProofStatusValid,
				Disclosed:   test.want,
			}
			if diff := cmp.Diff(want, s.result(t), ignoreIssuanceTime); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDisclosureIssuanceTime(t *testing.T) {
	t.Parallel()
	before := irma.FloorToEpochBoundary(time.Now()).Unix()
	w := newCitizen(t)
	after := irma.FloorToEpochBoundary(time.Now()).Unix()
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.singleton.BSN"]]]`))
	w.perform(s)

	r := s.result(t)
	if len(r.Disclosed) != 1 || len(r.Disclosed[0]) != 1 {
		t.Fatalf("result has not one attribute: %+v", r)
	}
	if got := r.Disclosed[0][0].IssuanceTime; got < before || got > after {
		t.Errorf("issuance time is %d, want the start of this week (%d)", got, before)
	}
}

// disclosureRequest is a session request for a condiscon.
func disclosureRequest(condiscon string) string {
	return `{"@context": "https://irma.app/ld/request/disclosure/v2", "disclose": ` + condiscon + `}`
}
