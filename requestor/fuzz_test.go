package requestor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/requestor"
)

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
}

// FuzzResult: whatever a server or somebody in its place sends is a result or an
// error.
func FuzzResult(f *testing.F) {
	for _, seed := range []string{
		`{"token":"t","status":"DONE","type":"disclosing","proofStatus":"VALID","disclosed":[[{"id":"a.b.c.d"}],[],null]}`,
		`{"status":"DONE","disclosed":[{"id":"a.b.c.d"}],"exp":1,"iat":1,"sub":"disclosing_result"}`,
		`{"status":"DONE","error":{"status":500},"signature":{"signature":[{"A":1}]}}`,
		`{"disclosed":null}`, `{"disclosed":[{`, `null`,
	} {
		f.Add(seed)
	}
	verifier := &requestor.Verifier{Key: &rsaKey().PublicKey}
	f.Fuzz(func(t *testing.T, text string) {
		if result, err := requestor.UnsignedCallback(post(text)); (result == nil) == (err == nil) {
			t.Errorf("got %v and %v", result, err)
		}
		token, err := jwt.Sign([]byte(text), rsaKey())
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{token, text} {
			if signed, err := verifier.Callback(post(body)); (signed == nil) == (err == nil) {
				t.Errorf("got %v and %v", signed, err)
			}
		}
	})
}

// FuzzPackage: a session package is usable or an error.
func FuzzPackage(f *testing.F) {
	f.Add(`{"sessionPtr":{"u":"http://h/irma/session/t","irmaqr":"disclosing"},"token":"t","frontendRequest":{"authorization":"a"}}`)
	f.Add(`{"sessionPtr":{"u":"/irma/session/"}}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		pkg, err := requestor.ParsePackage([]byte(text))
		if err != nil {
			return
		}
		if pkg.SessionPtr.URL == "" {
			t.Errorf("accepted %s", text)
		}
		if base, err := requestor.ServerURL(pkg.SessionPtr); err == nil && !strings.HasPrefix(pkg.SessionPtr.URL, base) {
			t.Errorf("server %s of %s", base, pkg.SessionPtr.URL)
		}
	})
}
