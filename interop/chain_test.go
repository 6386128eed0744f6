package interop_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/privacybydesign/irmago/irma"
)

const (
	firstnameAttribute = "irma-demo.MijnOverheid.fullName.firstname"
	electionAttribute  = "irma-demo.stemmen.stempas.election"
)

// chained is a request that a session follows on.
func chained(request, next string) string {
	return fmt.Sprintf(`{"nextSession": {"url": %q}, "request": %s}`, next, request)
}

// unfinished is a result as it is posted to learn of the next session.
func unfinished(r sessionResult) sessionResult {
	r.Status = irma.ServerStatusConnected
	return r
}

// The requestor decides after each session whether there is another, and the
// wallet goes on without a QR code. It proves again what it disclosed before.
func TestChainOfDisclosures(t *testing.T) {
	t.Parallel()
	last := site.open(nil)
	first := site.open(says(http.StatusOK, chained(disclosureRequest(`[[["`+firstnameAttribute+`"]]]`), last.url)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), first.url))
	c := w.scan(s)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)

	bsn, name := []disclosedAttribute{present(bsnAttribute, "299792458")}, []disclosedAttribute{present(firstnameAttribute, "Anna")}
	result1 := s.result(t)
	next := &requestorSession{server: s.server, Token: result1.NextSession}
	want1 := valid(s.Token, irma.ActionDisclosing, bsn)
	checkResult(t, "first post", unfinished(want1), first.only(t).result(t))
	want1.NextSession = next.Token
	checkResult(t, "first result", want1, result1)
	want2 := valid(next.Token, irma.ActionDisclosing, name, bsn)
	checkResult(t, "second post", unfinished(want2), last.only(t).result(t))
	checkResult(t, "second result", want2, next.result(t))
}

func TestChainWithIssuance(t *testing.T) {
	t.Parallel()
	second := site.open(says(http.StatusOK, disclosureRequest(`[[["`+electionAttribute+`"]]]`)))
	first := site.open(says(http.StatusOK, chained(issueBallot, second.url)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), first.url))
	c := w.scan(s)
	for range 3 {
		c.agree(c.question())
	}
	c.mustEnd(succeeded)

	bsn, election := []disclosedAttribute{present(bsnAttribute, "299792458")}, []disclosedAttribute{present(electionAttribute, "council")}
	issuance := &requestorSession{server: s.server, Token: s.result(t).NextSession}
	result2 := issuance.result(t)
	want2 := valid(issuance.Token, irma.ActionIssuing, bsn)
	checkResult(t, "second post", unfinished(want2), second.only(t).result(t))
	want2.NextSession = result2.NextSession
	checkResult(t, "second result", want2, result2)
	disclosure := &requestorSession{server: s.server, Token: result2.NextSession}
	checkResult(t, "third result", valid(disclosure.Token, irma.ActionDisclosing, election, bsn), disclosure.result(t))
}

// Values that wallets do not choose, or do not have, are proved again as well,
// and so are attributes that are asked for again.
func TestChainOfUnusualValues(t *testing.T) {
	t.Parallel()
	const votingnumber = "irma-demo.stemmen.stempas.votingnumber"
	request := disclosureRequest(`[[["` + votingnumber + `"]], [["` + prefixAttribute + `"]]]`)
	first := site.open(says(http.StatusOK, request))
	w := newCitizen(t)
	w.perform(startSession(t, issueBallot))
	s := startSession(t, chained(request, first.url))
	c := w.scan(s)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)

	number := []disclosedAttribute{present(votingnumber, w.credentials()[votingnumber])}
	prefix := []disclosedAttribute{null(prefixAttribute)}
	result1 := s.result(t)
	next := &requestorSession{server: s.server, Token: result1.NextSession}
	want1 := valid(s.Token, irma.ActionDisclosing, number, prefix)
	want1.NextSession = next.Token
	checkResult(t, "first result", want1, result1)
	checkResult(t, "second result", valid(next.Token, irma.ActionDisclosing, number, prefix, number, prefix), next.result(t))
}

// The user chooses once which of several credentials to use in a chain.
func TestChainKeepsChoice(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, disclosureRequest(`[[["`+bsnAttribute+`"]]]`)))
	w := newCouple(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+firstnameAttribute+`"]]]`), first.url))
	c := w.scan(s)
	c.choose(c.question(), 1)
	c.choose(c.question(), 0)
	c.mustEnd(succeeded)

	next := &requestorSession{server: s.server, Token: s.result(t).NextSession}
	checkResult(t, "second result", valid(next.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")},
		[]disclosedAttribute{present(firstnameAttribute, "Ben")}), next.result(t))
}

// The signature at the end of a chain holds what was disclosed before.
func TestChainWithSignature(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, signatureRequest))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+firstnameAttribute+`"]]]`), first.url))
	c := w.scan(s)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)

	next := &requestorSession{server: s.server, Token: s.result(t).NextSession}
	got := next.result(t)
	if got.Signature == nil {
		t.Fatalf("result has no signature: %+v", got)
	}
	disclosed, status, err := got.Signature.Verify(server.configuration(t), nil)
	if err != nil || status != irma.ProofStatusValid || len(disclosed) != 1 || len(disclosed[0]) != 2 {
		t.Errorf("verification says %s (%v) and finds %v, want %s and two attributes", status, err, disclosed, irma.ProofStatusValid)
	}
	got.Signature = nil
	checkResult(t, "second result", valid(next.Token, irma.ActionSigning,
		[]disclosedAttribute{present(bsnAttribute, "299792458")},
		[]disclosedAttribute{present(firstnameAttribute, "Anna")}), got)
}

// What was not disclosed need not be proved again.
func TestChainAfterOptional(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, disclosureRequest(`[[["`+firstnameAttribute+`"]]]`)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(
		`[[[], ["`+firstnameAttribute+`"]], [["`+bsnAttribute+`"]]]`), first.url))
	c := w.scan(s)
	c.choose(c.question(), 0, 0)
	c.agree(c.question())
	c.mustEnd(succeeded)

	bsn, name := []disclosedAttribute{present(bsnAttribute, "299792458")}, []disclosedAttribute{present(firstnameAttribute, "Anna")}
	result1 := s.result(t)
	want1 := valid(s.Token, irma.ActionDisclosing, []disclosedAttribute{}, bsn)
	want1.NextSession = result1.NextSession
	checkResult(t, "first result", want1, result1)
	next := &requestorSession{server: s.server, Token: result1.NextSession}
	checkResult(t, "second result", valid(next.Token, irma.ActionDisclosing, name, []disclosedAttribute{}, bsn), next.result(t))
}

// Who has typed over one code need not do so again.
func TestChainAfterPairing(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, disclosureRequest(`[[["`+firstnameAttribute+`"]]]`)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), first.url))
	c := scanWithPairing(t, w, s)
	s.frontend(t, "pairingcompleted", "", nil)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)

	next := &requestorSession{server: s.server, Token: s.result(t).NextSession}
	checkResult(t, "second result", valid(next.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(firstnameAttribute, "Anna")},
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), next.result(t))
	var status struct {
		Status irma.ServerStatus `json:"status"`
		Next   *irma.Qr          `json:"nextSession"`
	}
	call(t, http.MethodGet, s.Pointer.URL+"/frontend/status", string(s.Frontend.Authorization), "", &status)
	if status.Status != irma.ServerStatusDone || status.Next == nil || status.Next.Type != irma.ActionDisclosing {
		t.Errorf("page learns %+v, want that there is a next session", status)
	}
}

// A user who refuses the second session has done the first.
func TestChainRefused(t *testing.T) {
	t.Parallel()
	first := site.open(says(http.StatusOK, disclosureRequest(`[[["`+firstnameAttribute+`"]]]`)))
	w := newCitizen(t)
	s := startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), first.url))
	c := w.scan(s)
	c.agree(c.question())
	c.refuse(c.question())
	c.mustEnd(cancelled)
	result1 := s.result(t)
	want := valid(s.Token, irma.ActionDisclosing, []disclosedAttribute{present(bsnAttribute, "299792458")})
	want.NextSession = result1.NextSession
	checkResult(t, "first result", want, result1)
	checkCancelled(t, &requestorSession{server: s.server, Token: result1.NextSession}, irma.ActionDisclosing)
}

// A session whose follow-up cannot be had ends as if it had not happened.
func TestChainFails(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"server error":      says(http.StatusInternalServerError, "no"),
		"wrong status":      says(http.StatusCreated, disclosureRequest(`[[["`+bsnAttribute+`"]]]`)),
		"no request":        says(http.StatusOK, "no"),
		"unknown attribute": says(http.StatusOK, disclosureRequest(`[[["irma-demo.MijnOverheid.singleton.SSN"]]]`)),
		"connection breaks": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			callback := site.open(nil)
			w := newCitizen(t)
			s := startSession(t, fmt.Sprintf(`{"nextSession": {"url": %q}, "callbackUrl": %q, "request": %s}`,
				site.open(answer).url, callback.url, disclosureRequest(`[[["`+bsnAttribute+`"]]]`)))
			c := w.scan(s)
			c.agree(c.question())
			c.mustFail(http.StatusInternalServerError, "NEXT_SESSION")
			got := s.result(t)
			if got.Error == nil || got.Error.ErrorName != "NEXT_SESSION" {
				t.Errorf("result has the error %+v, want NEXT_SESSION", got.Error)
			}
			checkResult(t, "callback", got, callback.next(t).result(t))
			got.Error = nil
			checkResult(t, "result", sessionResult{
				Token: s.Token, Status: irma.ServerStatusCancelled, Type: irma.ActionDisclosing,
				ProofStatus: irma.ProofStatusValid,
			}, got)
		})
	}
}
