package devpage_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
)

const (
	over18 irma.AttributeTypeID = "irmad-demo.gov.ageLimits.over18"
	over21 irma.AttributeTypeID = "irmad-demo.gov.ageLimits.over21"
	city   irma.AttributeTypeID = "irmad-demo.gov.personalData.city"
	bsn    irma.AttributeTypeID = "irmad-demo.gov.root.bsn"
	number irma.AttributeTypeID = "irmad-demo.vote.ballot.votingNumber"
)

func value(id irma.AttributeTypeID, v string) irma.Con { return irma.Con{{Type: id, Value: &v}} }

func disclosed(result *irma.SessionResult) []string {
	var out []string
	for _, list := range result.Disclosed {
		for _, attr := range list {
			out = append(out, attr.Identifier.Name()+"="+attr.Text())
		}
	}
	return out
}

// A new phone is asked for what it lacks, gets it, and shows it.
func TestObtainAndDisclose(t *testing.T) {
	t.Parallel()
	ph := newSite(t, nil).newPhone(t)
	request := irma.NewDisclosureRequest(over18)
	request.Disclose = append(request.Disclose,
		irma.DisCon{value(number, "7"), value(city, "Ede")}, // only the second can be obtained with its value
		irma.DisCon{{}, {{Type: bsn}}})
	request.Labels = map[int]irma.TranslatedString{0: {"en": "Grown up?"}}
	pkg := ph.scan(t, request)

	ph.sees(t, "missing")
	q := ph.screen.Question
	if q.Stuck || len(q.Disjunctions) != 2 || q.Disjunctions[0].Label != "Grown up?" ||
		!q.Disjunctions[0].Options[0].Possible || q.Disjunctions[1].Options[0].Possible || !q.Disjunctions[1].Options[1].Possible {
		t.Errorf("missing: %+v", q)
	}
	if ph.screen.Cards == nil || len(ph.screen.Cards) > 0 {
		t.Errorf("cards: %v", ph.screen.Cards)
	}
	ph.do(t, "obtain", map[string]any{"question": ph.screen.Revision, "choices": []int{0, 0}}, http.StatusBadRequest)
	ph.reply(t, "obtain", 0, 1)

	ph.sees(t, "question")
	if got := len(ph.screen.Question.Disjunctions); got != 3 {
		t.Fatalf("question has %d disjunctions", got)
	}
	if ph.screen.Question.Server != strings.TrimPrefix(ph.URL, "http://") {
		t.Errorf("server is %s", ph.screen.Question.Server)
	}
	for _, wrong := range [][]int{nil, {0}, {0, 0, 1}, {0, -1, 0}, {0, 0, 0, 0}} {
		ph.do(t, "answer", map[string]any{"question": ph.screen.Revision, "choices": wrong}, http.StatusBadRequest)
	}
	ph.do(t, "answer", map[string]any{"question": ph.screen.Revision - 1, "choices": []int{0, 0, 0}}, http.StatusConflict)
	ph.do(t, "obtain", map[string]any{"question": ph.screen.Revision, "choices": []int{0, 0, 0}}, http.StatusConflict)
	ph.do(t, "scan", pkg.SessionPtr, http.StatusConflict)
	ph.reply(t, "answer", 0, 0, 0)

	ph.sees(t, "end")
	if !ph.screen.End.OK || len(ph.screen.End.Disclosed) != 2 || len(ph.screen.Cards) != 2 {
		t.Errorf("end: %+v", ph.screen)
	}
	result := ph.result(t, pkg)
	if diff := cmp.Diff([]string{"over18=yes", "city=Ede"}, disclosed(result)); diff != "" || result.ProofStatus != irma.ProofValid {
		t.Errorf("%s (-want +got):\n%s", result.ProofStatus, diff)
	}
	ph.do(t, "stop", map[string]int{"question": ph.screen.Revision}, http.StatusOK)
	ph.sees(t, "home")
}

func TestIssueAndSign(t *testing.T) {
	t.Parallel()
	ph := newSite(t, nil).newPhone(t)
	ph.scan(t, irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "42"}}))
	ph.sees(t, "question")
	if got := ph.screen.Question.Credentials; len(got) != 1 || got[0].ID != "irmad-demo.gov.root" {
		t.Errorf("to be received: %v", got)
	}
	ph.reply(t, "answer")
	ph.sees(t, "end")
	if !ph.screen.End.OK || len(ph.screen.End.Issued) != 1 || *ph.screen.Cards[0].Attributes[0].Value != "42" {
		t.Errorf("end: %+v", ph.screen)
	}

	pkg := ph.scan(t, irma.NewSignatureRequest("I agree", bsn))
	ph.sees(t, "question")
	if ph.screen.Question.Message != "I agree" {
		t.Errorf("question: %+v", ph.screen.Question)
	}
	ph.reply(t, "answer", 0)
	ph.sees(t, "end")
	if result := ph.result(t, pkg); !ph.screen.End.Signed || result.Signature == nil || result.Signature.Message != "I agree" {
		t.Errorf("end: %+v, result %+v", ph.screen.End, result)
	}
}

func TestPairing(t *testing.T) {
	t.Parallel()
	ph := newSite(t, nil).newPhone(t)
	pkg := ph.Start(t, irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "42"}}))
	code, err := frontend(pkg).EnablePairing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ph.do(t, "scan", pkg.SessionPtr, http.StatusOK)
	ph.sees(t, "pairing")
	if ph.screen.Code != code {
		t.Errorf("phone shows %s, want %s", ph.screen.Code, code)
	}
	if err := frontend(pkg).ConfirmPairing(t.Context()); err != nil {
		t.Fatal(err)
	}
	ph.sees(t, "question")
	ph.refuse(t, "answer")
	ph.sees(t, "end")
	if ph.screen.End.OK || !ph.screen.End.Refused {
		t.Errorf("end: %+v", ph.screen.End)
	}
	if status := ph.result(t, pkg).Status; status != irma.StatusCancelled {
		t.Errorf("session is %s", status)
	}
}

// What goes wrong is told in words.
func TestFailures(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	finish := func(t *testing.T, ph *phone, reason string) {
		t.Helper()
		ph.sees(t, "end")
		if end := ph.screen.End; end.OK || !strings.Contains(end.Reason, reason) || end.Detail == "" {
			t.Errorf("end %+v, want %s", end, reason)
		}
	}
	t.Run("unknown session", func(t *testing.T) {
		t.Parallel()
		ph := s.newPhone(t)
		ph.do(t, "scan", irma.SessionPointer{URL: s.URL + "/irma/session/abcdefghijklmnopqrst", Action: irma.Disclosing}, http.StatusOK)
		finish(t, ph, "does not know this session")
	})
	t.Run("another phone has it", func(t *testing.T) {
		t.Parallel()
		ph, other := s.newPhone(t), s.newPhone(t)
		pkg := other.scan(t, irma.NewDisclosureRequest(over21))
		other.sees(t, "missing")
		ph.do(t, "scan", pkg.SessionPtr, http.StatusOK)
		finish(t, ph, "another phone has it")
		other.refuse(t, "obtain")
		finish(t, other, "You refused")
	})
	t.Run("stopped", func(t *testing.T) {
		t.Parallel()
		ph := s.newPhone(t)
		pkg := ph.scan(t, irma.NewDisclosureRequest(over21))
		ph.sees(t, "missing")
		stale := ph.do(t, "stop", map[string]int{"question": ph.screen.Revision - 1}, http.StatusOK)
		if compact(t, stale.body) != `{"stopped":false}` {
			t.Errorf("stopping what was on the screen before: %s", stale.body)
		}
		ph.do(t, "stop", map[string]int{"question": ph.screen.Revision}, http.StatusOK)
		finish(t, ph, "stopped")
		if status := ph.result(t, pkg).Status; status != irma.StatusCancelled {
			t.Errorf("session is %s", status)
		}
	})
	t.Run("unsupported pointer", func(t *testing.T) {
		t.Parallel()
		ph := s.newPhone(t)
		ph.do(t, "scan", irma.SessionPointer{URL: "ftp://localhost/", Action: irma.Disclosing}, http.StatusOK)
		finish(t, ph, "app refuses")
	})
	t.Run("nobody can issue it", func(t *testing.T) {
		t.Parallel()
		poor := newSite(t, withoutKeys(t))
		ph := poor.newPhone(t)
		ph.scan(t, irma.NewDisclosureRequest(over18))
		ph.sees(t, "missing")
		if !ph.screen.Question.Stuck {
			t.Errorf("missing: %+v", ph.screen.Question)
		}
		ph.do(t, "obtain", map[string]any{"question": ph.screen.Revision, "choices": []int{0}}, http.StatusBadRequest)
		ph.refuse(t, "obtain")
		finish(t, ph, "You refused")
	})
}

// Credentials that prove something are neither received nor obtained, even if
// their issuer's private key is at hand.
func TestRealScheme(t *testing.T) {
	t.Parallel()
	town := schemetest.NewPublisher(t, "town")
	town.Write("description.xml", strings.Replace(town.Read("description.xml"), "<Demo>true</Demo>", "<Demo>false</Demo>", 1))
	town.Publish()
	schemes := town.Load()
	if schemes.Scheme("town").Demo {
		t.Fatal("the scheme is a demo scheme")
	}
	s := newSiteOf(t, irmatest.NewServer(t, func(cfg *irmaserver.Config) { cfg.Schemes = schemes }), schemes)
	ph := s.newPhone(t)
	pkg := ph.scan(t, irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "town.gov.root", Attributes: map[string]string{"bsn": "42"}}))
	ph.sees(t, "end")
	if end := ph.screen.End; end.OK || !strings.Contains(end.Reason, "demo schemes only") || len(ph.screen.Cards) > 0 {
		t.Errorf("end: %+v", ph.screen)
	}
	if status := ph.result(t, pkg).Status; status != irma.StatusCancelled {
		t.Errorf("session is %s", status)
	}
	ph.scan(t, irma.NewDisclosureRequest("town.gov.root.bsn"))
	ph.sees(t, "missing")
	if !ph.screen.Question.Stuck {
		t.Errorf("missing: %+v", ph.screen.Question)
	}
	ph.refuse(t, "obtain")
}

// Closing the page ends sessions at the server, and requests that wait.
func TestClose(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	ph := s.newPhone(t)
	pkg := ph.scan(t, irma.NewDisclosureRequest(over18))
	ph.sees(t, "missing")
	waiting := make(chan answer, 1)
	go func() {
		waiting <- ph.send(t, "GET", "/dev/api/phone?after="+itoa(ph.screen.Revision), "", "X-Irmad-Phone: "+ph.secret)
	}()
	s.page.Close()
	if got := <-waiting; got.status != http.StatusServiceUnavailable && got.status != http.StatusOK {
		t.Errorf("waiting request: %d %s", got.status, got.body)
	}
	if status := ph.result(t, pkg).Status; status != irma.StatusCancelled {
		t.Errorf("session is %s", status)
	}
	late := ph.send(t, "POST", "/dev/api/phone/scan", `{"u":"http://localhost/irma/session/x","irmaqr":"disclosing"}`, "X-Irmad-Phone: "+ph.secret)
	late.refused(t, "scan after the end", http.StatusServiceUnavailable, "INTERNAL_ERROR")
}
