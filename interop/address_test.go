package interop_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
)

// Requestors and wallets may reach the server by different names.
func TestURL(t *testing.T) {
	t.Parallel()
	p := anotherServer(t, stamper.url(), "--url", "http://localhost:port")
	w := p.newCitizen(t)

	s := p.startSession(t, disclosureRequest(`[[["`+bsnAttribute+`"]]]`))
	address := strings.Replace(p.url, "127.0.0.1", "localhost", 1)
	if !strings.HasPrefix(s.Pointer.URL, address+"/irma/session/") {
		t.Fatalf("QR code has the URL %s", s.Pointer.URL)
	}
	w.perform(s)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), s.result(t))
}

// A request may bind its session to the name by which wallets come.
func TestHost(t *testing.T) {
	t.Parallel()
	p := anotherServer(t, stamper.url(), "--url", "http://localhost:port")
	w := p.newCitizen(t)

	host := strings.TrimPrefix(strings.Replace(p.url, "127.0.0.1", "localhost", 1), "http://")
	s := p.startSession(t, `{"@context": "https://irma.app/ld/request/disclosure/v2",
		"host": "`+host+`", "disclose": [[["`+bsnAttribute+`"]]]}`)
	elsewhere := s.Pointer
	elsewhere.URL = strings.Replace(elsewhere.URL, "localhost", "127.0.0.1", 1)
	w.scanCode(elsewhere).mustFail(http.StatusForbidden, "UNAUTHORIZED")

	w.perform(s)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), s.result(t))
}

// A requestor may have its sessions at a host name of its own.
func TestHostOfRequestor(t *testing.T) {
	t.Parallel()
	const key = "key of the shop, 32 characters.."
	p := anotherServer(t, stamper.url(), "--no-auth=false", "--requestors",
		`{"shop": {"auth_method": "token", "key": "`+key+`", "host_perms": ["localhost:*"], "disclose_perms": ["*"]}}`)
	w := newCitizen(t)

	address := strings.Replace(p.url, "127.0.0.1", "localhost", 1)
	s := &requestorSession{server: p}
	call(t, http.MethodPost, p.url+"/session", key, `{"@context": "https://irma.app/ld/request/disclosure/v2",
		"host": "`+strings.TrimPrefix(address, "http://")+`", "disclose": [[["`+bsnAttribute+`"]]]}`, s)
	if !strings.HasPrefix(s.Pointer.URL, address+"/irma/session/") {
		t.Fatalf("QR code has the URL %s", s.Pointer.URL)
	}
	w.perform(s)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present(bsnAttribute, "299792458")}), s.result(t))
}

// The wallet sends its user back, to a page that knows which session it was.
func TestClientReturnURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ url, augment, want string }{
		"as it is":     {"https://example.com/done?x=y&z=1", "false", "https://example.com/done?x=y&z=1"},
		"other scheme": {"tel:+31123456789,1234", "false", "tel:+31123456789,1234"},
		"token":        {"https://example.com/done", "true", "https://example.com/done?token=TOKEN"},
		"with query":   {"https://example.com/done?x=y", "true", "https://example.com/done?x=y&token=TOKEN"},
		"fragment":     {"https://example.com/done#top", "true", "https://example.com/done?token=TOKEN#top"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCitizen(t)
			s := startSession(t, `{"@context": "https://irma.app/ld/request/disclosure/v2",
				"clientReturnUrl": "`+test.url+`", "augmentReturnUrl": `+test.augment+`,
				"disclose": [[["`+bsnAttribute+`"]]]}`)
			c := w.scan(s)
			c.agree(c.question())
			c.mustEnd(succeeded)
			select {
			case got := <-c.returnURLs:
				if want := strings.Replace(test.want, "TOKEN", s.Token, 1); got != want {
					t.Errorf("wallet goes to %s, want %s", got, want)
				}
			case <-time.After(waitTimeout):
				t.Error("wallet goes nowhere")
			}
			if got := s.result(t).Status; got != irma.ServerStatusDone {
				t.Errorf("status is %s, want %s", got, irma.ServerStatusDone)
			}
		})
	}
}
