package irmaserver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

const disclosedOver18 = `{"rawvalue":"yes","value":{"":"yes","en":"yes","nl":"yes"},"id":"irmad-demo.gov.ageLimits.over18","status":"PRESENT","issuancetime":0}`
const disclosedCity = `{"rawvalue":"Nijmegen","value":{"":"Nijmegen","en":"Nijmegen","nl":"Nijmegen"},"id":"irmad-demo.gov.personalData.city","status":"PRESENT","issuancetime":0}`

// undated takes what changes with time out of JSON.
func undated(text string) string {
	return regexp.MustCompile(`"issuancetime":\d+`).ReplaceAllString(text, `"issuancetime":0`)
}

// TestLegacyResults runs a request without @context: all ways to its result have
// the same shape, flat unless that is turned off.
func TestLegacyResults(t *testing.T) {
	t.Parallel()
	for _, nested := range []bool{false, true} {
		for _, signed := range []bool{false, true} {
			t.Run(fmt.Sprintf("nested %t, signed %t", nested, signed), func(t *testing.T) {
				t.Parallel()
				key, sign := signing(t)
				configure := func(c *irmaserver.Config) {
					c.NestedLegacyResults = nested
					if unsigned(c); signed {
						sign(c)
					}
				}
				cb := new(receiver)
				s := newSite(t, configure)
				w := s.NewWallet(t, wallet.Config{})
				s.Issue(t, w, ageLimits, personalData)
				session := s.start(`{"callbackUrl":"` + cb.listen(t) + `","request":{"type":"disclosing","content":[
					{"label":"Age","attributes":["irmad-demo.gov.ageLimits.over18","irmad-demo.gov.ageLimits.over21"]},
					{"label":"City","attributes":{"irmad-demo.gov.personalData.city":"Nijmegen"}}]}}`)
				outcome, err := w.Perform(t.Context(), session.SessionPtr)
				if err != nil {
					t.Fatal(err)
				}
				labels := map[int]irma.TranslatedString{0: {"en": "Age", "nl": "Age"}, 1: {"en": "City", "nl": "City"}}
				if diff := cmp.Diff(labels, outcome.Request.Labels); diff != "" {
					t.Errorf("labels (-want +got):\n%s", diff)
				}

				disclosed := "[" + disclosedOver18 + "," + disclosedCity + "]"
				if nested {
					disclosed = "[[" + disclosedOver18 + "],[" + disclosedCity + "]]"
				}
				want := `"token":"` + string(session.Token) + `","status":"DONE","type":"disclosing","proofStatus":"VALID","disclosed":` + disclosed + `}`
				if got := s.do("GET", "/session/"+string(session.Token)+"/result", ""); undated(got.body) != "{"+want {
					t.Errorf("result is\n%s, want\n%s", undated(got.body), "{"+want)
				}
				posts := cb.got()
				if len(posts) != 1 {
					t.Fatalf("%d callbacks", len(posts))
				}
				if !signed {
					if undated(posts[0].body) != "{"+want {
						t.Errorf("posted %s", posts[0].body)
					}
					return
				}
				token, err := s.Irma.ResultJWT(t.Context(), session.Token)
				if err != nil {
					t.Fatal(err)
				}
				for _, token := range []string{token, posts[0].body} {
					payload := verifyJWT(t, &key.PublicKey, token)
					if !strings.HasSuffix(undated(payload), `"sub":"disclosing_result",`+want) {
						t.Errorf("payload is %s", payload)
					}
				}
				// Go programs get the one shape that the type has.
				result, err := s.Irma.Result(t.Context(), session.Token)
				if err != nil || len(result.Disclosed) != 2 {
					t.Errorf("got %+v, %v", result, err)
				}
			})
		}
	}
}

// TestResultJWT checks the claims in all states and for all types.
func TestResultJWT(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	now := time.Unix(1795046400, 987654321)
	tests := map[string]struct {
		request  *irma.SessionRequest
		validity int
		end      func(*site, *irma.SessionPackage)
		iss      string
		want     string // payload; TOKEN stands for the token
	}{
		"waiting": {irma.NewDisclosureRequest(over18ID), 0, func(*site, *irma.SessionPackage) {}, "our server",
			`{"exp":1795046520,"iat":1795046400,"iss":"our server","sub":"disclosing_result","token":"TOKEN","status":"INITIALIZED","type":"disclosing"}`},
		"own validity": {irma.NewDisclosureRequest(over18ID), 600, func(*site, *irma.SessionPackage) {}, "our server",
			`{"exp":1795047000,"iat":1795046400,"iss":"our server","sub":"disclosing_result","token":"TOKEN","status":"INITIALIZED","type":"disclosing"}`},
		"cancelled, no issuer": {irma.NewSignatureRequest("message", over18ID), 0, func(s *site, p *irma.SessionPackage) { s.bring(p, irma.StatusCancelled) }, "",
			`{"exp":1795046520,"iat":1795046400,"sub":"signing_result","token":"TOKEN","status":"CANCELLED","type":"signing"}`},
		"failed": {irma.NewIssuanceRequest(ageLimits), 0, func(s *site, p *irma.SessionPackage) {
			s.connect(p)
			s.do("POST", p.SessionPtr.URL+"/commitments", `{"n_2":1,"combinedProofs":[]}`, walletHeaders("wallet")...)
		}, "<&>", `{"exp":1795046520,"iat":1795046400,"iss":"\u003c\u0026\u003e","sub":"issuing_result","token":"TOKEN","status":"CANCELLED","type":"issuing",` +
			`"error":{"status":400,"error":"MALFORMED_INPUT","description":"Input could not be parsed","message":"Received insufficient proofs"}}`},
		"done": {irma.NewDisclosureRequest(over18ID), 0, func(s *site, p *irma.SessionPackage) { s.bring(p, irma.StatusDone) }, "our server",
			`{"exp":1795046520,"iat":1795046400,"iss":"our server","sub":"disclosing_result","token":"TOKEN","status":"DONE","type":"disclosing","proofStatus":"MISSING_ATTRIBUTES"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, sign, func(c *irmaserver.Config) {
				c.JWTIssuer = test.iss
				c.Now = func() time.Time { return now }
			})
			session := s.Start(t, &irma.ExtendedRequest{Validity: test.validity, Request: test.request})
			test.end(s, session)
			token, err := s.Irma.ResultJWT(t.Context(), session.Token)
			if err != nil {
				t.Fatal(err)
			}
			payload := verifyJWT(t, &key.PublicKey, token)
			if diff := cmp.Diff(strings.Replace(test.want, "TOKEN", string(session.Token), 1), payload); diff != "" {
				t.Errorf("payload (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, sign)
		if _, err := s.Irma.ResultJWT(t.Context(), "unknown"); !errors.Is(err, irma.ErrSessionUnknown) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no key", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		_, err := s.Irma.ResultJWT(t.Context(), "unknown")
		if known := irma.AsError(err); known == nil || !known.Is(irma.ErrException) || known.Message != "JWT signing not supported: no JWT private key is installed" {
			t.Errorf("got %v", err)
		}
	})
}

// TestRequestPassesThrough checks what of a request the wallet sees.
func TestRequestPassesThrough(t *testing.T) {
	t.Parallel()
	s := newSite(t, unsigned)
	session := s.start(`{"validity":60,"timeout":60,"callbackUrl":"http://127.0.0.1:1/secret","nextSession":{"url":"http://127.0.0.1:1/secret"},"request":{
		"@context":"https://irma.app/ld/request/disclosure/v2","context":"BQ==","nonce":"BQ==","devMode":false,
		"clientReturnUrl":"myapp:done","disclose":[[["irmad-demo.gov.ageLimits.over18"]],[["irmad-demo.gov.root.bsn"]]],
		"labels":{"1":{"en":"Number","nl":"Nummer"}},"skipExpiryCheck":["irmad-demo.gov.root"]}}`)
	got := s.do("GET", session.SessionPtr.URL, "", walletHeaders("wallet")...)
	var welcome struct{ Request json.RawMessage }
	if err := json.Unmarshal([]byte(got.body), &welcome); err != nil {
		t.Fatal(err)
	}
	request := regexp.MustCompile(`"nonce":"[^"]{20,}"`).ReplaceAllString(string(welcome.Request), `"nonce":"N"`)
	want := `{"@context":"https://irma.app/ld/request/disclosure/v2","context":"AQ==","nonce":"N","protocolVersion":"2.8","devMode":true,` +
		`"clientReturnUrl":"myapp:done","disclose":[[["irmad-demo.gov.ageLimits.over18"]],[["irmad-demo.gov.root.bsn"]]],` +
		`"labels":{"1":{"en":"Number","nl":"Nummer"}},"skipExpiryCheck":["irmad-demo.gov.root"]}`
	if diff := cmp.Diff(want, request); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if strings.Contains(got.body, "secret") {
		t.Errorf("the wallet sees %s", got.body)
	}
}

// TestExpiredAttributes discloses attributes after their time: only a request
// that says so accepts them.
func TestExpiredAttributes(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	s := newSite(t, func(c *irmaserver.Config) { c.Now = clock })
	// The wallet's clock stands still, or it would not offer what has expired.
	began := time.Now()
	w := s.NewWallet(t, wallet.Config{Now: func() time.Time { return began }})
	root := irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "12345"}, Validity: irma.NewTimestamp(clock().Add(3 * 7 * 24 * time.Hour))}
	s.Issue(t, w, root)
	later.Store(int64(6 * 7 * 24 * time.Hour))
	tests := map[string]struct {
		skip []irma.CredentialTypeID
		want irma.ProofStatus
	}{
		"checked":         {nil, irma.ProofExpired},
		"another skipped": {[]irma.CredentialTypeID{"irmad-demo.gov.ageLimits"}, irma.ProofExpired},
		"skipped":         {[]irma.CredentialTypeID{"irmad-demo.gov.root"}, irma.ProofValid},
	}
	for name, test := range tests {
		request := irma.NewDisclosureRequest(bsnID)
		request.SkipExpiryCheck = test.skip
		result, _ := s.Run(t, w, request)
		if result.ProofStatus != test.want || result.Status != irma.StatusDone {
			t.Errorf("%s: %+v", name, result)
		}
	}
}

// TestCallbackOutlivesResult checks that a result that is still being posted is
// no longer offered otherwise.
func TestCallbackOutlivesResult(t *testing.T) {
	t.Parallel()
	cb := &receiver{respond: func(w http.ResponseWriter, _ *http.Request, nth int) {
		if nth < 12 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}}
	inWorld(t, network{"cb": cb}, nil, func(t *testing.T, w *world) {
		session := w.begin(t, disclosing("http://cb/"))
		w.finish(t, session)
		time.Sleep(5*time.Minute - time.Second)
		wantStatus(t, w.Server, session.Token, irma.StatusDone)
		time.Sleep(2 * time.Second)
		if _, err := w.Result(t.Context(), session.Token); !errors.Is(err, irma.ErrSessionUnknown) {
			t.Errorf("result after its time: %v", err)
		}
		if got := call(t, w.Server, "GET", session.SessionPtr.URL[len("http://irma/"):]+"/status"); got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), "SESSION_UNKNOWN") {
			t.Errorf("status after its time: %d %s", got.Code, got.Body)
		}
		posts := len(cb.got())
		time.Sleep(time.Hour)
		got := cb.got()
		if posts >= 12 || len(got) != 12 || got[11].result(t).Status != irma.StatusDone {
			t.Errorf("%d posts, then %d", posts, len(got))
		}
	})
}

func TestNoRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, request := range []irma.Request{nil, (*irma.SessionRequest)(nil), (*irma.ExtendedRequest)(nil), new(irma.ExtendedRequest)} {
		if _, err := s.Irma.StartSession(t.Context(), request); !errors.Is(err, irma.ErrInvalidRequest) {
			t.Errorf("%#v: %v", request, err)
		}
	}
}
