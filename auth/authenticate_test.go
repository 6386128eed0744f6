package auth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

// The engine authorizes follow-up sessions by a function of this type.
var _ func(context.Context, string, *irma.SessionRequest) error = (*auth.Authenticator)(nil).Authorize

func TestMatrix(t *testing.T) {
	t.Parallel()
	const cannot = "request could not be authenticated: ..."
	jwt := hs256(t, secret, claims("city"))
	for name, test := range map[string]struct {
		contentType, authorization, body string
		requestor                        string
		want                             wanted
	}{
		"token":                    {"application/json", shopToken, requestBody, "shop", wanted{}},
		"token, charset":           {"application/json; charset=UTF-8", shopToken, requestBody, "shop", wanted{}},
		"token, longer type":       {"application/jsonfoo", shopToken, requestBody, "shop", wanted{}},
		"JWT":                      {"text/plain", "", jwt, "city", wanted{}},
		"JWT, charset":             {"text/plain; charset=UTF-8", "", jwt, "city", wanted{}},
		"JSON without token":       {"application/json", "", requestBody, "", refused(cannot)},
		"JWT with token":           {"text/plain", shopToken, jwt, "", refused(cannot)},
		"JSON as text with token":  {"text/plain", shopToken, requestBody, "", refused(cannot)},
		"JSON as text":             {"text/plain", "", requestBody, "", refused(cannot)},
		"JWT as JSON":              {"application/json", "", jwt, "", refused(cannot)},
		"JWT as token":             {"application/json", jwt, requestBody, "", unauthorized("no requestor has this API token: ...")},
		"JWT as JSON with a token": {"application/json", shopToken, jwt, "", refused("invalid character...")},
		"empty text":               {"text/plain", "", "", "", refused(cannot)},
		"other type":               {"text/html", shopToken, requestBody, "", refused("Unsupported Content-Type: text/html; ...")},
		"no type":                  {"", shopToken, requestBody, "", refused("Unsupported Content-Type: ; ...")},
		"case of the type":         {"Application/JSON", shopToken, requestBody, "", refused("Unsupported Content-Type: Application/JSON; ...")},
		"space before the type":    {" application/json", shopToken, requestBody, "", refused("Unsupported Content-Type:  application/json; ...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := post(test.contentType, test.authorization, test.body)
			expect(t, newAuth(t, config()), r, body, test.requestor, test.want)
		})
	}
}

func TestNoAuth(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		contentType, authorization, body string
		want                             wanted
	}{
		"JSON":           {"application/json", "", requestBody, wanted{}},
		"with token":     {"application/json", shopToken, requestBody, refused("request could not be authenticated: ...")},
		"text":           {"text/plain", "", requestBody, refused("request could not be authenticated: ...")},
		"JWT":            {"text/plain", "", hs256(t, secret, claims("city")), refused("request could not be authenticated: ...")},
		"text and token": {"text/plain", "x", requestBody, refused("request could not be authenticated: ...")},
		"other type":     {"text/html", "", requestBody, refused("Unsupported Content-Type: text/html; ...")},
		"bad body":       {"application/json", "", "foo", refused("invalid character 'o' in literal false (expecting 'a')")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuth(t, auth.Config{NoAuth: true, Global: everything})
			r, body := post(test.contentType, test.authorization, test.body)
			expect(t, a, r, body, "", test.want)
		})
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token, requestor string
		want             wanted
	}{
		"first":           {shopToken, "shop", wanted{}},
		"second":          {"market-token-0123456789", "market", wanted{}},
		"unknown":         {"guess", "", unauthorized("no requestor has this API token: ...")},
		"Bearer":          {"Bearer " + shopToken, "", unauthorized("no requestor has this API token: ...")},
		"start":           {shopToken[:len(shopToken)-1], "", unauthorized("no requestor has this API token: ...")},
		"longer":          {shopToken + "0", "", unauthorized("no requestor has this API token: ...")},
		"other case":      {strings.ToUpper(shopToken), "", unauthorized("no requestor has this API token: ...")},
		"space behind":    {shopToken + " ", "", unauthorized("no requestor has this API token: ...")},
		"name":            {"shop", "", unauthorized("no requestor has this API token: ...")},
		"secret of HMAC":  {string(secret), "", unauthorized("no requestor has this API token: ...")},
		"very long":       {strings.Repeat("x", 1<<20), "", unauthorized("no requestor has this API token: ...")},
		"null bytes":      {shopToken + "\x00", "", unauthorized("no requestor has this API token: ...")},
		"several of them": {shopToken + ", " + shopToken, "", unauthorized("no requestor has this API token: ...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, body := post("application/json", test.token, requestBody)
			expect(t, newAuth(t, config()), r, body, test.requestor, test.want)
		})
	}
}

// An unknown token is refused before the body is looked at, so that strangers
// cannot make the server parse.
func TestTokenBeforeBody(t *testing.T) {
	t.Parallel()
	a := newAuth(t, config())
	r, body := post("application/json", "guess", "foo")
	expect(t, a, r, body, "", unauthorized("no requestor has this API token: ..."))
	r, body = post("application/json", shopToken, "foo")
	expect(t, a, r, body, "", refused("invalid character 'o' in literal false (expecting 'a')"))
}

func TestAuthenticateAuthorizes(t *testing.T) {
	t.Parallel()
	cfg := config()
	for i := range cfg.Requestors {
		cfg.Requestors[i].Permissions = auth.Permissions{Disclose: []string{"a.b.c.e"}}
	}
	a := newAuth(t, cfg)
	r, body := post("application/json", shopToken, requestBody)
	expect(t, a, r, body, "", unauthorized("a.b.c.d"))
	r, body = postJWT(hs256(t, secret, claims("city")))
	expect(t, a, r, body, "", unauthorized("a.b.c.d"))
}

func TestRequestForms(t *testing.T) {
	t.Parallel()
	a := newAuth(t, config())
	bare := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["a.b.c.d"]]],"wrong":1}`
	r, body := post("application/json", shopToken, bare)
	_, request, err := a.Authenticate(r, body)
	if err != nil {
		t.Fatal(err)
	}
	if request.Validity != 120 || len(request.UnknownKeys) != 1 || request.Request.Disclose[0][0][0].Type != "a.b.c.d" {
		t.Errorf("got request %+v", request)
	}
}

// TestCheckHeader tells which requests are refused without their body.
func TestCheckHeader(t *testing.T) {
	t.Parallel()
	a := newAuth(t, config())
	for name, test := range map[string]struct {
		contentType, authorization string
		want                       wanted
	}{
		"token":         {"application/json", shopToken, wanted{}},
		"unknown token": {"application/json", shopToken + "0", unauthorized("no requestor has this API token: ...")},
		"long token":    {"application/json", strings.Repeat("t", 5000), unauthorized("no requestor has this API token: ...")},
		"no token":      {"application/json", "", refused("request could not be authenticated: ...")},
		"JWT":           {"text/plain", "", wanted{}},
		"JWT and token": {"text/plain", "token", refused("request could not be authenticated: ...")},
		"other content": {"text/html", "token", refused("Unsupported Content-Type: text/html...")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := post(test.contentType, test.authorization, "")
			test.want.check(t, a.CheckHeader(r.Header))
		})
	}
}
