package interop_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/privacybydesign/irmago/irma"
)

// A wallet whose connection breaks repeats its message and gets the answer that
// was lost. What the message did is done once.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		lose, request string
		pairing       bool
		action        irma.Action
	}{
		"session":    {"GET /", disclosureRequest(`[[["` + bsnAttribute + `"]]]`), false, irma.ActionDisclosing},
		"request":    {"GET request", disclosureRequest(`[[["` + bsnAttribute + `"]]]`), true, irma.ActionDisclosing},
		"disclosure": {"POST proofs", disclosureRequest(`[[["` + bsnAttribute + `"]]]`), false, irma.ActionDisclosing},
		"signature":  {"POST proofs", signatureRequest, false, irma.ActionSigning},
		"issuance": {"POST commitments", `{"@context": "https://irma.app/ld/request/issuance/v2",
			"disclose": [[["` + bsnAttribute + `"]]],
			"credentials": [{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "council"}}]}`,
			false, irma.ActionIssuing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCitizen(t)
			callback := site.open(nil)
			s := startSession(t, calledBack(test.request, callback.url))
			page := *s
			v := watch(t, s, test.lose)
			if test.pairing {
				pairThrough(t, w, s, &page)
			} else {
				w.perform(s)
			}
			if got := countOf(v.requests(), test.lose); got != 2 {
				t.Errorf("wallet sends %s %d times, want twice: %v", test.lose, got, v.requests())
			}
			got := callback.only(t).result(t)
			got.Signature = nil
			checkResult(t, "posted result", valid(s.Token, test.action,
				[]disclosedAttribute{present(bsnAttribute, "299792458")}), got)
			if test.action == irma.ActionIssuing && w.credentials()[electionAttribute] != "council" {
				t.Errorf("wallet has not got the credential: %v", w.credentials())
			}
		})
	}
}

// The follow-up of a chain is started once as well.
func TestLostAnswerInChain(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, disclosureRequest(`[[["`+firstnameAttribute+`"]]]`)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), first.url))
	v := watch(t, s, "POST proofs")
	c := w.scan(s)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)
	if got := countOf(v.requests(), "POST proofs"); got != 2 {
		t.Errorf("wallet sends its proofs %d times, want twice: %v", got, v.requests())
	}
	checkResult(t, "post", unfinished(valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")})), first.only(t).result(t))
	next := &requestorSession{server: s.server, Token: s.result(t).NextSession}
	if got := next.result(t).Status; got != irma.ServerStatusDone {
		t.Errorf("second session is %s, want %s", got, irma.ServerStatusDone)
	}
}

func countOf(list []string, what string) int {
	return len(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s != what }))
}
