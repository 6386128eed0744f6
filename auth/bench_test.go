package auth_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

func BenchmarkAuthenticate(b *testing.B) {
	cfg := config()
	for i := range 1000 {
		cfg.Requestors = append(cfg.Requestors, auth.Requestor{
			Name: fmt.Sprint("other", i), Method: auth.Token, Token: fmt.Sprint("other-token-", i),
		})
	}
	cfg.Now = nil
	a := newAuth(b, cfg)
	current := claims("city").with(members{"iat": 1})
	cfg.Now, cfg.MaxRequestAge = nil, 1<<62
	ageless := newAuth(b, cfg)
	for _, test := range []struct {
		name, contentType, token, body string
		a                              *auth.Authenticator
	}{
		{"token", "application/json", shopToken, requestBody, a},
		{"hmac", "text/plain", "", hs256(b, secret, current), ageless},
		{"publickey", "text/plain", "", rs256(b, rsaKey(), current.with(members{"iss": "State"})), ageless},
		{"unknown token", "application/json", "guess", requestBody, a},
		{"wrong signature", "text/plain", "", hs256(b, bankSecret, current), ageless},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			r, body := post(test.contentType, test.token, test.body)
			wrong := test.name == "unknown token" || test.name == "wrong signature"
			for b.Loop() {
				if _, _, err := test.a.Authenticate(r, body); (err != nil) != wrong {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAuthorize takes the same time with many patterns as with few.
func BenchmarkAuthorize(b *testing.B) {
	var attrs []irma.AttributeTypeID
	for i := range 10 {
		attrs = append(attrs, irma.AttributeTypeID(fmt.Sprintf("scheme.issuer.credential.attribute%d", i)))
	}
	request := disclosure(attrs...)
	for _, count := range []int{10, 10000} {
		var patterns []string
		for i := range count {
			patterns = append(patterns, fmt.Sprintf("scheme.issuer.credential.attribute%d", i))
		}
		a := shopWith(b, auth.Permissions{Disclose: patterns}, auth.Permissions{})
		b.Run(fmt.Sprint(count, " patterns"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := authorize(a, "shop", request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGarbage is what strangers can cost with 10 MiB.
func BenchmarkGarbage(b *testing.B) {
	a := newAuth(b, config())
	half := 10 << 20 / 4 * 3
	for name, payload := range map[string]string{
		"many claims": "{" + strings.Repeat(`"a":0,`, (half-100)/6) + `"iss":"city"}`,
		"deep":        `{"a":` + strings.Repeat("[", half-100),
		"long name":   `{"iss":"` + strings.Repeat("x", half-100) + `"}`,
	} {
		r, body := postJWT(segment(`{"alg":"HS256"}`) + "." + segment(payload) + ".AAAA")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := a.Authenticate(r, body); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
