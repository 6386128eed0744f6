package interop_test

import (
	"testing"

	"github.com/privacybydesign/irmago/irma"
)

// Sessions do not get in each other's way: all are open before the first user
// answers, and then all users answer at once. Each has a wallet of its own, as
// wallets are made for one session at a time.
func TestManySessions(t *testing.T) {
	t.Parallel()
	const rounds = 5
	bsn := []disclosedAttribute{present(bsnAttribute, "299792458")}
	name := []disclosedAttribute{present(firstnameAttribute, "Anna")}
	kinds := []struct {
		request   string
		action    irma.Action
		disclosed [][]disclosedAttribute
	}{
		{disclosureRequest(`[[["` + bsnAttribute + `"]]]`), irma.ActionDisclosing, [][]disclosedAttribute{bsn}},
		{
			disclosureRequest(`[[["` + firstnameAttribute + `"]], [["` + bsnAttribute + `"]]]`),
			irma.ActionDisclosing, [][]disclosedAttribute{name, bsn},
		},
		{signatureRequest, irma.ActionSigning, [][]disclosedAttribute{bsn}},
		{issueCitizen, irma.ActionIssuing, nil},
	}
	type running struct {
		*clientSession
		requestor *requestorSession
		want      sessionResult
	}
	var all []running
	for range rounds {
		for _, kind := range kinds {
			w := newCitizen(t)
			s := startSession(t, kind.request)
			all = append(all, running{w.scan(s), s, valid(s.Token, kind.action, kind.disclosed...)})
		}
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
