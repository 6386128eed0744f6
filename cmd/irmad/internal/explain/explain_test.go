package explain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/explain"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

const (
	disclosure = `{"@context":"https://irma.app/ld/request/disclosure/v2",`
	signature  = `{"@context":"https://irma.app/ld/request/signature/v2",`
	issuance   = `{"@context":"https://irma.app/ld/request/issuance/v2",`
	over18     = `"irmad-demo.gov.ageLimits.over18"`
)

var now = time.Unix(1795000000, 0)

func schemes(t testing.TB) *scheme.Set {
	t.Helper()
	set, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestProblems has the mistakes of the first day, with the place that is pointed
// at and a part of the advice. A server refuses all of them with the same error.
func TestProblems(t *testing.T) {
	t.Parallel()
	set := schemes(t)
	server, err := irmaserver.New(irmaserver.Config{Schemes: set, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close(t.Context())
	for name, tt := range map[string]struct{ request, at, hint string }{
		"a bracket too few":      {disclosure + `"disclose":[[` + over18 + `]]}`, over18 + `]]}`, "Three brackets"},
		"two brackets too few":   {disclosure + `"disclose":[` + over18 + `]}`, over18 + `]}`, "Three brackets"},
		"a bracket not closed":   {disclosure + `"disclose":[[[` + over18 + `]]}`, `}`, "not JSON"},
		"cut off":                {disclosure, `,`, "never closed"},
		"nothing at all":         {"", "", "never closed"},
		"misspelt attribute":     {disclosure + `"disclose":[[["irmad-demo.gov.ageLimits.ovr18"]]]}`, `"irmad-demo.gov.ageLimits.ovr18"`, ""},
		"misspelt member":        {disclosure + `"disclsoe":[[[` + over18 + `]]]}`, "[[[", ""},
		"scheme not installed":   {disclosure + `"disclose":[[["pbdf.sidn-pbdf.email.email"]]]}`, `"pbdf.sidn-pbdf.email.email"`, "scheme pbdf is not installed"},
		"too few parts":          {disclosure + `"disclose":[[[` + over18 + `,"ageLimits.over18"]]]}`, `"ageLimits.over18"`, "scheme.issuer.credential.attribute"},
		"nothing asked":          {disclosure + `"disclose":[]}`, `[]`, "at least one attribute"},
		"no context":             {`{"disclose":[[[` + over18 + `]]]}`, `{`, "Add \"@context\""},
		"wrong context":          {`{"@context": "disclosure","disclose":[]}`, `"disclosure"`, "https://irma.app/ld/request/disclosure/v2"},
		"no message":             {signature + `"disclose":[[[` + over18 + `]]]}`, `{`, "text to be signed"},
		"attributes missing":     {issuance + `"credentials":[{"credential":"irmad-demo.gov.root","attributes":{}}]}`, `"irmad-demo.gov.root"`, "Give each of them a value"},
		"misspelt in issuance":   {issuance + `"credentials":[{"credential":"irmad-demo.gov.root","attributes":{"bns":"1"}}]}`, `"bns"`, ""},
		"a number as value":      {issuance + `"credentials":[{"credential":"irmad-demo.gov.root","attributes":{"bsn":1}}]}`, `1}`, ""},
		"expired":                {issuance + `"credentials":[{"validity":1,"credential":"irmad-demo.gov.root","attributes":{"bsn":"1"}}]}`, "", "moment in seconds"},
		"label without language": {disclosure + `"labels":{"0":"a"},"disclose":[[[` + over18 + `]]]}`, `"a"`, ""},
		"on the third line":      {"{\n\"request\":" + disclosure + "\n\"ü\":1, \"disclose\":\t[[[" + over18 + "]], []]}}", `[]]}}`, "at least one choice"},
	} {
		got := explain.Request([]byte(tt.request), set, now)
		if got.Valid || got.Problem == nil {
			t.Errorf("%s: no problem", name)
			continue
		}
		p := got.Problem
		if at := p.Path; tt.at == "" && p.Line > 1 {
			t.Errorf("%s: at %d:%d %s, want nowhere", name, p.Line, p.Column, at)
		} else if tt.at != "" && !strings.HasPrefix(after(tt.request, p.Line, p.Column), tt.at) {
			t.Errorf("%s: at %d:%d %s, want before %s", name, p.Line, p.Column, at, tt.at)
		}
		if !strings.Contains(p.Hint, tt.hint) || tt.hint == "" && p.Hint != "" {
			t.Errorf("%s: hint %q, want %q", name, p.Hint, tt.hint)
		}
		if want := refusal(t, server, tt.request); !errors.Is(p.Error, want) || p.Error.Message != want.Message {
			t.Errorf("%s: problem %v, but a server says %v", name, p.Error, want)
		}
	}
}

// refusal returns the error of a server.
func refusal(t *testing.T, server *irmaserver.Server, text string) *irma.Error {
	t.Helper()
	request, err := irma.ParseRequest([]byte(text))
	if err == nil {
		_, err = server.StartSession(t.Context(), request)
	}
	if irma.AsError(err) == nil {
		t.Fatalf("a server says %v to %s", err, text)
	}
	return irma.AsError(err)
}

// after returns what comes at a place.
func after(text string, line, column int) string {
	lines := strings.SplitAfter(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	runes := []rune(strings.Join(lines[line-1:], ""))
	return string(runes[min(column-1, len(runes)):])
}

const everything = `{"timeout": 30, "callbackUrl": "https://shop.example/result?secret=1", "nextSession": {"url": "https://shop.example/next"},
	"request": {"@context": "https://irma.app/ld/request/issuance/v2", "clientReturnUrl": "https://shop.example/", "colour": "red",
	"skipExpiryCheck": ["irmad-demo.gov.root"], "labels": {"0": {"en": "Grown up?"}, "2": null},
	"disclose": [
		[["irmad-demo.gov.ageLimits.over18"], ["irmad-demo.gov.personalData.birthDate", "irmad-demo.gov.personalData.prefix"]],
		[[], [{"type": "irmad-demo.gov.root.bsn", "value": "123"}, {"type": "irmad-demo.gov.root", "notNull": true}]]],
	"credentials": [{"credential": "irmad-demo.gov.personalData", "validity": 1810000000,
		"attributes": {"city": "Ede", "birthDate": "1990-01-01", "firstName": "A", "familyName": "B"}}]}}`

const explained = `The user is asked to show one thing and to accept one credential, and may show one thing more.

1. "Grown up?": one of these:
   - Over 18, from Demo age limits of Demo government [irmad-demo.gov.ageLimits.over18]
   - or Date of birth, from Demo personal data of Demo government [irmad-demo.gov.personalData.birthDate]
     and Prefix, from Demo personal data of Demo government [irmad-demo.gov.personalData.prefix]

2. if the user likes, show:
   - BSN, from Demo citizen number of Demo government, which must be "123" [irmad-demo.gov.root.bsn]
     and having Demo citizen number of Demo government, which must have a value [irmad-demo.gov.root]

The user receives Demo personal data of Demo government, valid until 2027-05-11:
   - First name: "A"
   - Family name: "B"
   - Date of birth: "1990-01-01"
   - City: "Ede"

Besides:
   - The web page is advised to pair: the app shows a code that the user types into the page.
   - The session waits 30 seconds for an app.
   - The result is posted to https://shop.example/result.
   - After it, https://shop.example/next is asked for a follow-up session.
   - On the phone the user goes to https://shop.example/ afterwards.
   - Expired credentials are accepted of some types.

Warnings:
   - $.request.colour is not known and has no effect
   - callbackUrl needs a server with jwt_privkey or jwt_privkey_file, or with allow_unsigned_callbacks
   - labels has 2, but disclose has no element with that number; they count from 0
   - nextSession needs a server with jwt_privkey or jwt_privkey_file, or with allow_unsigned_callbacks

A server with these schemes takes this request.
`

func TestPrint(t *testing.T) {
	t.Parallel()
	set := schemes(t)
	for name, tt := range map[string]struct{ request, want string }{
		"everything": {everything, explained},
		"signature": {`{"type":"signing","message":"I agree\nindeed","content":[{"label":"Name","attributes":["irmad-demo.gov.personalData.familyName"]}]}`,
			"The user is asked to sign a message and to show one thing.\n\nThe message to sign:\n  | I agree\n  | indeed\n\n" +
				"1. \"Name\": show:\n   - Family name, from Demo personal data of Demo government [irmad-demo.gov.personalData.familyName]\n\n" +
				"Besides:\n   - The web page is advised to pair: the app shows a code that the user types into the page.\n\n" +
				"Warnings:\n   - the request has the old form, without @context; its result will have the old form too\n\n" +
				"A server with these schemes takes this request.\n"},
		"unknown": {disclosure + "\n" + `"disclose":[[["x.y.z.a"]]]}`,
			"A server refuses this request with status 400:\n  INVALID_REQUEST: Unknown identifiers: x, x.y, x.y.z; this server does not have the scheme x\n  at line 2, column 15\n" +
				"  The scheme x is not installed. \"irmad scheme download\" gets pbdf and irma-demo; of others, put the folder into the directory of --schemes-path.\n\n" +
				"The user is asked to show one thing.\n\n1. show:\n   - a, from x.y.z of x.y (no installed scheme has this) [x.y.z.a]\n"},
	} {
		var out strings.Builder
		if err := explain.Request([]byte(tt.request), set, now).Print(&out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// FuzzRequest explains whatever comes, and never says more than the parser.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(disclosure + `"disclose":[[` + over18 + `]]}`))
	f.Add([]byte(`{"@context":1,"a":{"b c":[{"":1}]}}`))
	set := schemes(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		got := explain.Request(data, set, now)
		_, err := irma.ParseRequest(data)
		if got.Valid && (err != nil || got.Problem != nil) || !got.Valid && got.Problem == nil {
			t.Errorf("valid: %t, problem: %v, parser: %v", got.Valid, got.Problem, err)
		}
		if p := got.Problem; p != nil && (p.Line < 0 || p.Line > 0 && p.Column < 1) {
			t.Errorf("problem at %d:%d", p.Line, p.Column)
		}
		if err := got.Print(new(strings.Builder)); err != nil {
			t.Error(err)
		}
	})
}
