package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

// FuzzPatterns compares with the rules as the specification tells them: a
// pattern matches part by part, and an asterisk matches all that is left.
func FuzzPatterns(f *testing.F) {
	for _, pattern := range []string{"*", "a.*", "a.b.*", "a.b.c.*", "a.b.c.d", "a.*.c.d", "a..*", "*.a", "a*", ".*", "..."} {
		f.Add(pattern, "a.b.c.d")
		f.Add(pattern, "a.b.c")
		f.Add(pattern, pattern)
	}
	f.Fuzz(func(t *testing.T, pattern, id string) {
		a, err := auth.New(auth.Config{NoAuth: true, Global: auth.Permissions{Disclose: []string{pattern}}})
		if err != nil {
			if problems := new(auth.PermissionsError); !errors.As(err, &problems) || len(problems.Problems) != 1 {
				t.Fatalf("got error %v", err)
			}
			return
		}
		request := irma.NewDisclosureRequest(irma.AttributeTypeID(id))
		if (&irma.ExtendedRequest{Request: request}).Validate() != nil {
			return
		}
		err = authorize(a, "", request)
		if want := matches(pattern, id); want != (err == nil) {
			t.Fatalf("pattern %q, attribute %q: got error %v, want a match: %v", pattern, id, err, want)
		}
	})
}

// matches is a plain reading of spec 02 §5.2.
func matches(pattern, id string) bool {
	parts, given := strings.Split(pattern, "."), strings.Split(id, ".")
	for i, part := range parts {
		if part == "*" {
			return true
		}
		if i >= len(given) || part != given[i] {
			return false
		}
	}
	return len(parts) == len(given)
}

// FuzzAuthenticate expects that nobody is let in without a key, and that every
// refusal is one that may be shown.
func FuzzAuthenticate(f *testing.F) {
	a := newAuth(f, config())
	f.Add("text/plain", "", hs256(f, []byte("guess"), claims("city")))
	f.Add("text/plain", "", encode(f, members{"alg": "none"}, claims("city"))+".")
	f.Add("application/json", "guess", requestBody)
	f.Add("application/json", "", requestBody)
	f.Fuzz(func(t *testing.T, contentType, authorization, text string) {
		r, body := post("", "", text)
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", authorization)
		name, request, err := a.Authenticate(r, body)
		if err == nil || name != "" || request != nil {
			t.Fatalf("let in as %q", name)
		}
		if e := irma.AsError(err); e == nil || !e.Is(irma.ErrInvalidRequest) && !e.Is(irma.ErrUnauthorized) {
			t.Fatalf("got error %v", err)
		}
	})
}

// FuzzSignedClaims lets a requestor with a key send anything: it must come out
// as itself or not at all.
func FuzzSignedClaims(f *testing.F) {
	a := newAuth(f, config())
	f.Add(`{"alg":"HS256","kid":"city"}`, `{"iss":"bank","sub":"disclosing","iat":1795328318,"sprequest":`+requestBody+`}`)
	f.Add(`{"alg":"HS256"}`, `{"iss":"city","ISS":"bank","sub":"signing","iat":1.7e9,"exp":1e999,"absrequest":null}`)
	f.Add(`{"alg":"HS256","ALG":"none"}`, `{"iss":"city","sub":"issuing","iprequest":{"request":{"type":"issuing"}}}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		r, body := postJWT(sealHMAC(secret, segment(header)+"."+segment(payload)))
		name, _, err := a.Authenticate(r, body)
		if err == nil && name != "city" {
			t.Fatalf("let in as %q", name)
		}
		if err != nil && irma.AsError(err) == nil {
			t.Fatalf("got error %v", err)
		}
	})
}
