package interop_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/privacybydesign/irmago/irma"
)

const issueCitizen = `{
	"@context": "https://irma.app/ld/request/issuance/v2",
	"credentials": [
		{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "299792458"}},
		{"credential": "irma-demo.MijnOverheid.fullName",
		 "attributes": {"firstnames": "Anna Maria", "firstname": "Anna", "familyname": "Bruijn"}}
	]}`

// citizen is what a wallet holds after issueCitizen. The attribute
// fullName.prefix is optional and has no value.
func citizen() map[string]string {
	return map[string]string{
		"irma-demo.MijnOverheid.singleton.BSN":       "299792458",
		"irma-demo.MijnOverheid.fullName.firstnames": "Anna Maria",
		"irma-demo.MijnOverheid.fullName.firstname":  "Anna",
		"irma-demo.MijnOverheid.fullName.familyname": "Bruijn",
	}
}

// newCitizen makes a wallet that holds the credentials of issueCitizen.
func newCitizen(t *testing.T) *wallet {
	t.Helper()
	return server.newCitizen(t)
}

func (p *process) newCitizen(t *testing.T) *wallet {
	t.Helper()
	w := p.newWallet(t)
	w.perform(p.startSession(t, issueCitizen))
	return w
}

func TestIssuance(t *testing.T) {
	t.Parallel()
	w := newWallet(t)
	s := startSession(t, issueCitizen)
	w.perform(s)

	want := sessionResult{
		Token:       s.Token,
		Status:      irma.ServerStatusDone,
		Type:        irma.ActionIssuing,
		ProofStatus: irma.ProofStatusValid,
	}
	if diff := cmp.Diff(want, s.result(t)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(citizen(), w.credentials()); diff != "" {
		t.Errorf("attributes in the wallet (-want +got):\n%s", diff)
	}
}

// Dates in credentials are whole weeks, so that they identify nobody.
func TestIssuanceDates(t *testing.T) {
	t.Parallel()
	w := newWallet(t)
	before := irma.FloorToEpochBoundary(time.Now())
	w.perform(startSession(t, issueCitizen))
	after := irma.FloorToEpochBoundary(time.Now())

	list := w.client.CredentialInfoList()
	if len(list) != 2 {
		t.Fatalf("wallet holds %d credentials, want 2", len(list))
	}
	for _, c := range list {
		if signed := time.Time(c.SignedOn); signed.Before(before) || signed.After(after) {
			t.Errorf("%s was signed on %s, want this week (from %s)", c.Identifier(), signed, before)
		}
		expires := time.Time(c.Expires)
		if !expires.Equal(irma.FloorToEpochBoundary(expires)) {
			t.Errorf("%s expires on %s, which is no week boundary", c.Identifier(), expires)
		}
		// The default is half a year, rounded down.
		if expires.Before(before.AddDate(0, 5, 20)) || expires.After(after.AddDate(0, 6, 7)) {
			t.Errorf("%s expires on %s, want half a year from now", c.Identifier(), expires)
		}
	}
}

func TestIssuanceWithDisclosure(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "council"}}],
		"disclose": [[["irma-demo.MijnOverheid.singleton.BSN"]]]
	}`)
	w.perform(s)

	want := sessionResult{
		Token:       s.Token,
		Status:      irma.ServerStatusDone,
		Type:        irma.ActionIssuing,
		ProofStatus: irma.ProofStatusValid,
		Disclosed:   [][]disclosedAttribute{{present("irma-demo.MijnOverheid.singleton.BSN", "299792458")}},
	}
	if diff := cmp.Diff(want, s.result(t), ignoreIssuanceTime); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if got := w.credentials()["irma-demo.stemmen.stempas.election"]; got != "council" {
		t.Errorf("election in the wallet is %q, want %q", got, "council")
	}
}

// A singleton replaces the one the wallet already has.
func TestIssuanceReplacesSingleton(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	w.perform(startSession(t, `{
		"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [{"credential": "irma-demo.MijnOverheid.singleton", "attributes": {"BSN": "271828182"}}]
	}`))

	want := citizen()
	want["irma-demo.MijnOverheid.singleton.BSN"] = "271828182"
	if diff := cmp.Diff(want, w.credentials()); diff != "" {
		t.Errorf("attributes in the wallet (-want +got):\n%s", diff)
	}
}

// ignoreIssuanceTime is for tests of values; TestDisclosureIssuanceTime
// checks the time.
var ignoreIssuanceTime = cmpopts.IgnoreFields(disclosedAttribute{}, "IssuanceTime")
