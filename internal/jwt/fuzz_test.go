package jwt_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
)

// FuzzParse expects that whatever is accepted is the only spelling of its parts,
// that its claims are sane, and that nothing verifies without the key.
func FuzzParse(f *testing.F) {
	f.Add([]byte(withHMAC([]byte("x"), unsigned(`{"alg":"HS256","kid":"a","typ":"JWT"}`, `{"iss":"a","sub":"signing","iat":1.5,"aud":["b"],"jti":"c"}`))))
	f.Add([]byte(unsigned(`{"alg":"none"}`, `{"exp":1e400,"nbf":-1}`) + ".\n"))
	f.Add([]byte(unsigned(`{"alg":"HS256","crit":["b64"]}`, `x`) + ".AAAA"))
	f.Add([]byte("..."))
	key := hmacKey(f, secret)
	f.Fuzz(func(t *testing.T, text []byte) {
		token, err := jwt.Parse(text)
		if err != nil {
			return
		}
		if _, err := token.Verify(key); err == nil {
			t.Fatal("verified with a key that the fuzzer does not know")
		}
		// Any change of a byte changes what the token says, or breaks it.
		signed := bytes.TrimSpace(text)
		signed = signed[:bytes.LastIndexByte(signed, '.')]
		again := parse(t, withHMAC(secret, string(signed)))
		payload, err := again.Verify(key)
		if (err == nil) != (token.Algorithm == jwt.HS256) {
			t.Fatalf("algorithm %q: %v", token.Algorithm, err)
		}
		if err == nil && !strings.HasSuffix(string(signed), "."+encode(string(payload))) {
			t.Fatal("the payload has another spelling than in the token")
		}
		claims, err := token.Claims()
		if err != nil {
			return
		}
		for _, date := range []time.Time{claims.IssuedAt, claims.Expiry, claims.NotBefore} {
			if !date.IsZero() && (date.Unix() > 1<<53 || date.Unix() < -(1<<53)) {
				t.Fatalf("date %d is out of bounds", date.Unix())
			}
		}
		if payload != nil && !json.Valid(payload) {
			t.Fatalf("claims in %q", payload)
		}
	})
}
