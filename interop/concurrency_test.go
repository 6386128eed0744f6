package interop_test

import (
	"fmt"
	"testing"

	"github.com/privacybydesign/irmago/irma"
)

// Sessions of one wallet and of several do not get in each other's way: all are
// open before the first user answers, and then all users answer at once.
func TestManySessions(t *testing.T) {
	t.Parallel()
	const wallets = 5
	bsn := []disclosedAttribute{present(bsnAttribute, "299792458")}
	name := []disclosedAttribute{present(firstnameAttribute, "Anna")}
	type running struct {
		*clientSession
		requestor *requestorSession
		want      sessionResult
	}
	var all []running
	for i := range wallets {
		w := newCitizen(t)
		open := func(request string, action irma.Action, disclosed ...[]disclosedAttribute) {
			s := startSession(t, request)
			all = append(all, running{w.scan(s), s, valid(s.Token, action, disclosed...)})
		}
		open(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), irma.ActionDisclosing, bsn)
		open(disclosureRequest(`[[["`+firstnameAttribute+`"]], [["`+bsnAttribute+`"]]]`), irma.ActionDisclosing, name, bsn)
		open(signatureRequest, irma.ActionSigning, bsn)
		open(fmt.Sprintf(`{"@context": "https://irma.app/ld/request/issuance/v2", "disclose": [[["%s"]]],
			"credentials": [{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "number %d"}}]}`,
			firstnameAttribute, i), irma.ActionIssuing, name)
	}
	var answers []func()
	for _, s := range all {
		q := s.question()
		choice := s.first(q)
		answers = append(answers, func() { q.answer(true, choice) })
	}
	for _, answer := range answers {
		go answer()
	}
	for _, s := range all {
		s.mustEnd(succeeded)
		got := s.requestor.result(t)
		if (got.Signature != nil) != (s.want.Type == irma.ActionSigning) {
			t.Errorf("%s session has the signature %+v", s.want.Type, got.Signature)
		}
		got.Signature = nil
		checkResult(t, string(s.want.Type), s.want, got)
	}
}
