package interop_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
)

func issueUntil(expiry time.Time) string {
	return fmt.Sprintf(`{"@context": "https://irma.app/ld/request/issuance/v2", "credentials": [
		{"credential": "irma-demo.MijnOverheid.singleton", "validity": %d, "attributes": {"BSN": "299792458"}}]}`, expiry.Unix())
}

// A credential is valid for whole weeks, which are at most what was asked for.
func TestValidity(t *testing.T) {
	t.Parallel()
	asked := time.Now().AddDate(0, 0, 73)
	w := newWallet(t)
	w.perform(startSession(t, issueUntil(asked)))
	list := w.client.CredentialInfoList()
	if len(list) != 1 {
		t.Fatalf("wallet holds %d credentials, want 1", len(list))
	}
	if got, want := time.Time(list[0].Expires), irma.FloorToEpochBoundary(asked); !got.Equal(want) {
		t.Errorf("credential expires on %s, want %s", got, want)
	}
}

// newExpired makes a wallet with a credential that has expired: it is issued
// for some seconds, and those are no whole week.
func newExpired(t *testing.T) *wallet {
	t.Helper()
	const moment = 5 * time.Second
	w := newWallet(t)
	expiry := time.Now().Add(moment)
	if irma.FloorToEpochBoundary(expiry).After(time.Now()) {
		time.Sleep(moment) // the last seconds of a week are whole: they last until its end
		expiry = time.Now().Add(moment)
	}
	w.perform(startSession(t, issueUntil(expiry)))
	if list := w.client.CredentialInfoList(); len(list) != 1 || !list[0].IsExpired() {
		t.Fatalf("wallet has no expired credential: %+v", list)
	}
	return w
}

func TestExpired(t *testing.T) {
	t.Parallel()
	w := newExpired(t)
	s := startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	c := w.scan(s)
	q := c.question()
	if q.satisfiable {
		t.Error("wallet says that an expired credential will do")
	}
	c.refuse(q)
	c.mustEnd(cancelled)
	checkCancelled(t, s, irma.ActionDisclosing)
}

// A wallet that discloses an expired credential all the same is found out.
func TestExpiredDisclosed(t *testing.T) {
	t.Parallel()
	w := newExpired(t)
	s := startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	c := w.scan(s)
	q := c.question()
	expired := q.candidates[0][0][0]
	if !expired.Expired {
		t.Fatalf("wallet offers %+v, want its expired credential", expired)
	}
	c.answer(q, true, &irma.DisclosureChoice{Attributes: [][]*irma.AttributeIdentifier{{expired.AttributeIdentifier}}})
	if e := c.mustEnd(failed); e.err.ErrorType != irma.ErrorRejected {
		t.Errorf("session %s, want %s", e, irma.ErrorRejected)
	}
	want := valid(s.Token, irma.ActionDisclosing, []disclosedAttribute{present(bsnAttribute, "299792458")})
	want.ProofStatus = irma.ProofStatusExpired
	checkResult(t, "result", want, s.result(t))
}

func TestSkipExpiryCheck(t *testing.T) {
	t.Parallel()
	w := newExpired(t)
	s := startSession(t, `{"@context": "https://irma.app/ld/request/disclosure/v2",
		"disclose": [[["`+bsnAttribute+`"]]], "skipExpiryCheck": ["irma-demo.MijnOverheid.singleton"]}`)
	w.perform(s)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), s.result(t))
}
