package idemix_test

import (
	"testing"

	"github.com/irmad/irmaserver/idemix"
	"github.com/irmad/irmaserver/irma"
)

func TestProofsOfOneMessageBelongTogether(t *testing.T) {
	t.Parallel()
	req := request("irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.root.bsn")
	indices := irma.DisclosedIndices{at(0, 4), at(1, 2)}

	t.Run("one wallet", func(t *testing.T) {
		t.Parallel()
		list := prove(show{shared().age, []int{1, 4}}, show{newWallet().credential(root, map[string]string{"bsn": "1"}), []int{1, 2}})
		wantInvalid(t, verify(t, req, disclosure(list, indices...), now), "different secret keys")
	})
	t.Run("one challenge", func(t *testing.T) {
		t.Parallel()
		list := append(prove(show{shared().age, []int{1, 4}}), prove(show{shared().root, []int{1, 2}})...)
		if !equationsHold(t, list[:1], ageLimits) || !equationsHold(t, list[1:], root) {
			t.Fatal("both lists should be correct by themselves")
		}
		wantInvalid(t, verify(t, req, disclosure(list, indices...), now), "c differs")
	})
	t.Run("one instance of a singleton", func(t *testing.T) {
		t.Parallel()
		list := prove(show{shared().root, []int{1, 2}}, show{shared().root, []int{1, 2}})
		if !equationsHold(t, list, root, root) {
			t.Fatal("the equations should hold, so that only the rule refuses the proofs")
		}
		got := verify(t, request("irmad-demo.gov.root.bsn"), disclosure(list, at(0, 2)), now)
		wantInvalid(t, got, "singleton irmad-demo.gov.root occurs twice")
	})
	t.Run("several instances of other types", func(t *testing.T) {
		t.Parallel()
		list := prove(show{shared().alice, []int{1, 2}}, show{shared().bob, []int{1, 2}})
		got := verify(t, request("irmad-demo.gov.personalData.firstName"), disclosure(list, at(1, 2)), now)
		if got.Status != irma.ProofValid {
			t.Errorf("status %s (%s), want %s", got.Status, got.Reason, irma.ProofValid)
		}
	})
}

func TestNumberOfProofs(t *testing.T) {
	t.Parallel()
	list := prove(show{shared().alice, []int{1, 2}})
	for len(list) <= idemix.MaxProofs {
		list = append(list, list[0])
	}
	req := request("irmad-demo.gov.personalData.firstName")
	wantInvalid(t, verify(t, req, disclosure(list, at(0, 2)), now), "51 proofs, at most 50")
	// One fewer is looked at; copies of one proof do not answer their challenge.
	wantInvalid(t, verify(t, req, disclosure(list[1:], at(0, 2)), now), "do not match")
}
