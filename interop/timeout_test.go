package interop_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
)

// shortlived is a request that wallets have some seconds to find.
func shortlived(seconds int, callback string) string {
	return fmt.Sprintf(`{"timeout": %d, "callbackUrl": %q, "request": %s}`, seconds, callback,
		disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	p := site.open(nil)
	w := newCitizen(t)
	s := startSession(t, shortlived(1, p.url))
	want := sessionResult{Token: s.Token, Status: irma.ServerStatusTimeout, Type: irma.ActionDisclosing}
	checkResult(t, "result", want, s.finished(t))
	checkResult(t, "posted result", want, p.next(t).result(t))

	w.scan(s).mustFail(http.StatusForbidden, "UNEXPECTED_REQUEST")
	checkResult(t, "result after a wallet came too late", want, s.result(t))
	p.quiet(t)
}

// The timeout is about finding the session, not about making up one's mind.
func TestTimeoutNotWhileConnected(t *testing.T) {
	t.Parallel()
	p := site.open(nil)
	w := newCitizen(t)
	s := startSession(t, shortlived(3, p.url))
	c := w.scan(s)
	q := c.question()
	time.Sleep(3500 * time.Millisecond)
	c.agree(q)
	c.mustEnd(succeeded)
	checkResult(t, "posted result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), p.only(t).result(t))
}
