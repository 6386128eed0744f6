package irmaserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// startStatic starts a static session over HTTP.
func (s *site) startStatic(name string) irma.SessionPointer {
	s.t.Helper()
	got := s.do("POST", "/irma/session/"+name, "{}")
	if got.status != http.StatusOK {
		s.t.Fatalf("starting %s: %d %s", name, got.status, got.body)
	}
	var out irma.SessionPointer
	if err := json.Unmarshal([]byte(got.body), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// TestStaticSession scans a printed QR: the result comes through the callback
// only.
func TestStaticSession(t *testing.T) {
	t.Parallel()
	cb := new(receiver)
	s := newSite(t, unsigned, func(c *irmaserver.Config) {
		c.StaticSessions = map[string]irma.Request{"MyQR_1": disclosing(cb.listen(t) + "/cb")}
	})
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, ageLimits)
	for i, name := range []string{"MyQR_1", "myqr_1"} {
		outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: s.URL + "/irma/session/" + name, Action: "redirect"})
		if err != nil || outcome.ProofStatus != irma.ProofValid {
			t.Fatalf("%s: %+v, %v", name, outcome, err)
		}
		got := cb.got()
		if len(got) != i+1 || got[i].uri != "/cb/" || got[i].result(t).ProofStatus != irma.ProofValid {
			t.Fatalf("%s: callbacks %+v", name, got)
		}
	}
	if cb.got()[0].header.Get("Idempotency-Key") == cb.got()[1].header.Get("Idempotency-Key") {
		t.Error("two sessions have the same key")
	}

	got := s.do("POST", "/irma/session/MyQR_1", "anything", "Content-Type", "x/y")
	pointer := regexp.MustCompile(`^\{"u":"` + regexp.QuoteMeta(s.URL) + `/irma/session/[a-zA-Z0-9]{20}","irmaqr":"disclosing"\}$`)
	if got.status != http.StatusOK || !pointer.MatchString(got.body) {
		t.Errorf("got %d %s", got.status, got.body)
	}
	for _, name := range []string{"MYQR_1", "other", strings.Repeat("a", 20)} {
		wantError(t, s.do("POST", "/irma/session/"+name, "{}"), irma.ErrInvalidRequest, "unknown static session")
	}
}

// TestStaticSessionsAreApart starts one static session many times: nothing of
// one is seen in another.
func TestStaticSessionsAreApart(t *testing.T) {
	t.Parallel()
	request := disclosing("http://127.0.0.1:1/")
	request.Request.ClientReturnURL, request.Request.AugmentReturnURL = "https://example.com/?a=b#top", true
	before := encoded(t, request)
	s := newSite(t, unsigned, func(c *irmaserver.Config) {
		c.StaticSessions = map[string]irma.Request{"qr": request}
		c.AugmentClientReturnURL = true
	})
	const many = 5
	pointers := make(map[irma.SessionPointer]bool)
	for range many {
		pointers[s.startStatic("qr")] = true
	}
	nonces, tokens := make(map[string]bool), make(map[string]bool)
	for pointer := range pointers {
		var welcome irma.ClientSessionRequest
		if err := json.Unmarshal([]byte(s.do("GET", pointer.URL, "", walletHeaders("wallet")...).body), &welcome); err != nil {
			t.Fatal(err)
		}
		nonces[encoded(t, welcome.Request.Nonce)] = true
		u, err := url.Parse(welcome.Request.ClientReturnURL)
		if err != nil || len(u.Query()["token"]) != 1 || u.Query().Get("a") != "b" || u.Fragment != "top" {
			t.Errorf("return URL is %s", welcome.Request.ClientReturnURL)
		}
		tokens[u.Query().Get("token")] = true
	}
	if len(pointers) != many || len(nonces) != many || len(tokens) != many {
		t.Errorf("%d sessions have %d pointers, %d nonces, %d tokens", many, len(pointers), len(nonces), len(tokens))
	}
	if after := encoded(t, request); after != before {
		t.Errorf("the configured request became %s", after)
	}
	for token := range tokens {
		if status, err := s.Irma.Status(t.Context(), irma.RequestorToken(token)); err != nil || status != irma.StatusConnected {
			t.Errorf("the token in the return URL gives %s, %v", status, err)
		}
	}
}

func TestStaticSessionFails(t *testing.T) {
	t.Parallel()
	unknown := disclosing("http://127.0.0.1:1/")
	unknown.Request = irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over19")
	s := newSite(t, unsigned, func(c *irmaserver.Config) { c.StaticSessions = map[string]irma.Request{"qr": unknown} })
	wantError(t, s.do("POST", "/irma/session/qr", "{}"), irma.ErrMalformedInput, "Unknown identifiers: irmad-demo.gov.ageLimits.over19")
	wantError(t, s.do("POST", "/irma/session/qr/", "{}"), irma.ErrInvalidRequest, "clientToken")
	if err := s.Irma.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.do("POST", "/irma/session/qr", "{}"), irma.ErrUnavailable, "")
}

// TestStaticChain starts a follow-up session of a static one: the requestor has
// no name.
func TestStaticChain(t *testing.T) {
	t.Parallel()
	one := &receiver{respond: respond(204, "")}
	request := chained("http://one/", over18ID)
	configure := func(c *irmaserver.Config) {
		anyNext(c)
		c.StaticSessions = map[string]irma.Request{"qr": request}
	}
	inWorld(t, network{"one": one}, configure, func(t *testing.T, w *world) {
		holder := w.filledWallet(t, nil)
		if _, err := holder.Perform(t.Context(), irma.SessionPointer{URL: "http://irma/irma/session/qr", Action: "redirect"}); err != nil {
			t.Fatal(err)
		}
		if got := one.got(); len(got) != 1 || got[0].result(t).ProofStatus != irma.ProofValid {
			t.Errorf("endpoint got %+v", got)
		}
	})
}

func TestStaticSessionConfig(t *testing.T) {
	t.Parallel()
	good := disclosing("https://example.com/")
	with := func(change func(*irma.ExtendedRequest)) irma.Request {
		out := disclosing("https://example.com/")
		change(out)
		return out
	}
	tests := map[string]struct {
		sessions map[string]irma.Request
		signed   bool
		want     string // in the error, or "" for none
	}{
		"good":         {map[string]irma.Request{"a_Z09": good}, false, ""},
		"long name":    {map[string]irma.Request{strings.Repeat("x", 100): good}, false, ""},
		"next session": {map[string]irma.Request{"a": chained("https://example.com/", over18ID)}, false, ""},
		"unknown attribute": {map[string]irma.Request{"a": with(func(r *irma.ExtendedRequest) {
			r.Request = irma.NewDisclosureRequest("a.b.c.d")
		})}, false, ""},
		"no key":             {map[string]irma.Request{"a": good}, true, "no JWT private key"},
		"bad name":           {map[string]irma.Request{"a-b": good}, false, "static session name a-b"},
		"empty name":         {map[string]irma.Request{"": good}, false, "static session name"},
		"name with newline":  {map[string]irma.Request{"a\n": good}, false, "static session name"},
		"same but for case":  {map[string]irma.Request{"myQR": good, "MyQr": good}, false, "MyQr and myQR have the same name"},
		"no request":         {map[string]irma.Request{"a": nil}, false, "static session a has no request"},
		"nil request":        {map[string]irma.Request{"a": (*irma.ExtendedRequest)(nil)}, false, "static session a has no request"},
		"nil bare request":   {map[string]irma.Request{"a": (*irma.SessionRequest)(nil)}, false, "static session a has no request"},
		"no inner request":   {map[string]irma.Request{"a": &irma.ExtendedRequest{CallbackURL: "https://x/"}}, false, "static session a has no request"},
		"invalid":            {map[string]irma.Request{"a": with(func(r *irma.ExtendedRequest) { r.Request = irma.NewDisclosureRequest() })}, false, "static session request a"},
		"issuance":           {map[string]irma.Request{"a": with(func(r *irma.ExtendedRequest) { r.Request = irma.NewIssuanceRequest(ageLimits) })}, false, "static session a must be either a disclosing or signing session"},
		"no callback":        {map[string]irma.Request{"a": irma.NewDisclosureRequest(over18ID)}, false, "static session a has no callback URL"},
		"empty next session": {map[string]irma.Request{"a": with(func(r *irma.ExtendedRequest) { r.CallbackURL, r.NextSession = "", new(irma.NextSession) })}, false, "static session a has no callback URL"},
		"bad callback":       {map[string]irma.Request{"a": disclosing("example.com/cb")}, false, "static session a: callbackUrl"},
		"bad next session":   {map[string]irma.Request{"a": chained("ftp://example.com/cb", over18ID)}, false, "static session a: nextSession.url"},
		"augmented":          {map[string]irma.Request{"a": with(func(r *irma.ExtendedRequest) { r.Request.AugmentReturnURL = true })}, false, "static session a: augmenting client return url not enabled"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := irmaserver.New(irmaserver.Config{Schemes: demoSchemes(t), StaticSessions: test.sessions, AllowUnsignedCallbacks: !test.signed})
			if err == nil {
				if err := s.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestReturnURL checks that the return URL passes through, and where the token
// goes.
func TestReturnURL(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *irmaserver.Config) { c.AugmentClientReturnURL = true })
	for given, augmented := range map[string]string{
		"https://example.com":             "https://example.com?token=T",
		"https://example.com/a?b=c":       "https://example.com/a?b=c&token=T",
		"https://example.com/a?":          "https://example.com/a?&token=T",
		"https://example.com/a#b":         "https://example.com/a?token=T#b",
		"https://example.com/a?b=c#d?e#f": "https://example.com/a?b=c&token=T#d?e#f",
		"https://example.com/#?x":         "https://example.com/?token=T#?x",
		"myapp:open":                      "myapp:open?token=T",
		"any text <&>":                    "any text <&>?token=T",
	} {
		for _, augment := range []bool{false, true} {
			request := irma.NewDisclosureRequest(over18ID)
			request.ClientReturnURL, request.AugmentReturnURL = given, augment
			session := s.Start(t, request)
			want := given
			if augment {
				want = strings.Replace(augmented, "=T", "="+string(session.Token), 1)
			}
			var welcome irma.ClientSessionRequest
			got := s.do("GET", session.SessionPtr.URL, "", walletHeaders("wallet")...)
			if err := json.Unmarshal([]byte(got.body), &welcome); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, welcome.Request.ClientReturnURL); diff != "" {
				t.Errorf("%s (-want +got):\n%s", given, diff)
			}
			if !augment && strings.Contains(got.body, string(session.Token)) {
				t.Errorf("the wallet sees the requestor token: %s", got.body)
			}
		}
	}
	empty := irma.NewDisclosureRequest(over18ID)
	empty.AugmentReturnURL = true
	if _, err := s.Irma.StartSession(t.Context(), empty); irma.AsError(err) == nil || irma.AsError(err).Message != "cannot augment empty client return url" {
		t.Errorf("empty: %v", err)
	}
}
