package interop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// The value of a random blind attribute is chosen by wallet and issuer
// together, so that the issuer does not know it until it is disclosed.
func TestRandomblind(t *testing.T) {
	t.Parallel()
	const (
		election     = "irma-demo.stemmen.stempas.election"
		votingnumber = "irma-demo.stemmen.stempas.votingnumber"
	)
	w := newVoter(t)
	number := w.credentials()[votingnumber]
	if number == "" {
		t.Fatalf("wallet has no voting number: %v", w.credentials())
	}

	s := startSession(t, disclosureRequest(`[[["`+election+`", "`+votingnumber+`"]]]`))
	w.perform(s)
	want := sessionResult{
		Token:       s.Token,
		Status:      irma.ServerStatusDone,
		Type:        irma.ActionDisclosing,
		ProofStatus: irma.ProofStatusValid,
		Disclosed:   [][]disclosedAttribute{{present(election, "council"), present(votingnumber, number)}},
	}
	if diff := cmp.Diff(want, s.result(t), ignoreIssuanceTime); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}

	if other := newVoter(t).credentials()[votingnumber]; other == number {
		t.Errorf("two wallets have the voting number %s", number)
	}
}

const issueBallot = `{
	"@context": "https://irma.app/ld/request/issuance/v2",
	"credentials": [{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "council"}}]
}`

// newVoter makes a wallet with a voting card.
func newVoter(t *testing.T) *wallet {
	t.Helper()
	w := newWallet(t)
	w.perform(startSession(t, issueBallot))
	return w
}
