package interop_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
)

// calledBack is a request whose result is posted to a URL.
func calledBack(request, url string) string {
	return fmt.Sprintf(`{"callbackUrl": %q, "request": %s}`, url, request)
}

// The requestor has the result before the user goes on.
func TestCallback(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request string
		url     func(string) string // of the callback, from that of a page
		path    func(string) string // that is posted to
		action  irma.Action
	}{
		"disclosure": {disclosureRequest(`[[["` + bsnAttribute + `"]]]`), same, slashed, irma.ActionDisclosing},
		"slash":      {disclosureRequest(`[[["` + bsnAttribute + `"]]]`), slashed, slashed, irma.ActionDisclosing},
		"query":      {disclosureRequest(`[[["` + bsnAttribute + `"]]]`), queried, queried, irma.ActionDisclosing},
		"signature":  {signatureRequest, same, slashed, irma.ActionSigning},
		"issuance":   {issueCitizen, same, slashed, irma.ActionIssuing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard atomic.Bool
			p := site.open(func(http.ResponseWriter, *http.Request) {
				time.Sleep(100 * time.Millisecond) // long enough for a wallet to overtake it
				heard.Store(true)
			})
			w := newCitizen(t)
			s := startSession(t, calledBack(test.request, test.url(p.url)))
			w.perform(s)
			if !heard.Load() {
				t.Error("user goes on before the requestor has the result")
			}
			got := p.only(t)
			if want := test.path(p.url); site.server.URL+got.uri != want {
				t.Errorf("result was posted to %s, want %s", got.uri, want)
			}
			posted := got.result(t)
			if posted.Status != irma.ServerStatusDone || posted.Type != test.action {
				t.Errorf("posted result is %s %s, want %s %s", posted.Type, posted.Status, test.action, irma.ServerStatusDone)
			}
			if want := s.result(t); posted.Signature == nil {
				checkResult(t, "posted result", want, posted)
			} else if posted.Signature.Message != want.Signature.Message {
				t.Errorf("posted signature is of %q, want %q", posted.Signature.Message, want.Signature.Message)
			}
			p.quiet(t)
		})
	}
}

func same(url string) string    { return url }
func slashed(url string) string { return url + "/" }
func queried(url string) string { return url + "?visit=7&x=y" }

func TestCallbackOfRefusal(t *testing.T) {
	t.Parallel()
	p := site.open(nil)
	w := newCitizen(t)
	s := startSession(t, calledBack(issueCitizen, p.url))
	c := w.scan(s)
	c.refuse(c.question())
	c.mustEnd(cancelled)
	checkResult(t, "posted result", sessionResult{
		Token: s.Token, Status: irma.ServerStatusCancelled, Type: irma.ActionIssuing,
	}, p.next(t).result(t))
	checkCancelled(t, s, irma.ActionIssuing)
	p.quiet(t)
}

// A requestor whose endpoint hangs keeps no user waiting for long.
func TestCallbackHangs(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	p := site.open(func(http.ResponseWriter, *http.Request) { <-release })
	w := newCitizen(t)
	s := startSession(t, calledBack(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), p.url))
	w.perform(s)
	p.only(t)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), s.result(t))
}
