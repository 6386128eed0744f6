package idemix_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
)

// Schemes add attributes to types. Credentials from before keep their value;
// attributes without a base in the old key do not exist for them.
func TestTypeOutgrowsItsKey(t *testing.T) {
	t.Parallel()
	set := grownSet(t)
	bases := len(publicKey(root).R)
	req := request("irmad-demo.gov.root.bsn")
	list := prove(show{shared().root, []int{1, 2}})

	got := must(idemix.VerifyDisclosure(set, req, disclosure(list, at(0, 2)), now))
	if got.Status != irma.ProofValid {
		t.Errorf("old credential: status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
	}
	last := disclosure(list, at(0, 2))
	last.Proofs[0].D.ADisclosed[bases-1] = irma.NewInt(0)
	if got := must(idemix.VerifyDisclosure(set, req, last, now)); got.Status != irma.ProofValid {
		t.Errorf("added attribute, absent: status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
	}
	beyond := disclosure(list, at(0, 2))
	beyond.Proofs[0].D.ADisclosed[bases] = irma.NewInt(0)
	wantInvalid(t, must(idemix.VerifyDisclosure(set, req, beyond, now)), "does not exist")

	issue := issuance(offer(root, map[string]string{"bsn": "1"}))
	_, err := idemix.Issue(set, issue, newWallet().commit(issue).message(), now)
	if !errors.Is(err, irma.ErrIssuanceFailed) || !strings.Contains(err.Error(), "the credential type needs") {
		t.Errorf("issuing: error %v, want %v because of the key", err, irma.ErrIssuanceFailed)
	}
}
