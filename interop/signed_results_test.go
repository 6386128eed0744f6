package interop_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/privacybydesign/irmago/irma"
)

// A server with a key signs what it posts, and then needs no leave to post.
func TestSignedPosts(t *testing.T) {
	t.Parallel()
	key, file := newSigningKey(t)
	p := anotherServer(t, stamper.url(), "--jwt-privkey-file", file, "--jwt-issuer", "interop")
	callback := site.open(nil)
	next := site.open(says(http.StatusOK, calledBack(disclosureRequest(`[[["`+firstnameAttribute+`"]]]`), callback.url)))
	w := p.newCitizen(t)
	s := p.startSession(t, chained(disclosureRequest(`[[["`+bsnAttribute+`"]]]`), next.url))
	c := w.scan(s)
	c.agree(c.question())
	c.agree(c.question())
	c.mustEnd(succeeded)

	bsn := []disclosedAttribute{present(bsnAttribute, "299792458")}
	name := []disclosedAttribute{present(firstnameAttribute, "Anna")}
	first := next.only(t).signedResult(t, &key.PublicKey)
	checkResult(t, "result for the next session", unfinished(valid(s.Token, irma.ActionDisclosing, bsn)), first)
	last := callback.only(t).signedResult(t, &key.PublicKey)
	checkResult(t, "result for the callback", valid(s.result(t).NextSession, irma.ActionDisclosing, name, bsn), last)
}

// newSigningKey makes a key and a file with it.
func newSigningKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return key, file
}

// signedResult decodes a post that is a JWT, after checking its signature.
func (p post) signedResult(t *testing.T, key *rsa.PublicKey) sessionResult {
	t.Helper()
	if want := "text/plain; charset=UTF-8"; p.contentType != want {
		t.Errorf("content type is %q, want %q", p.contentType, want)
	}
	parts := strings.Split(string(p.body), ".")
	if len(parts) != 3 {
		t.Fatalf("post is no JWT: %s", p.body)
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			t.Fatalf("decoding JWT: %v", err)
		}
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], decoded[2]); err != nil {
		t.Errorf("verifying JWT: %v", err)
	}
	var claims struct {
		sessionResult
		Issuer  string `json:"iss"`
		Subject string `json:"sub"`
		Issued  int64  `json:"iat"`
		Expires int64  `json:"exp"`
	}
	if err := json.Unmarshal(decoded[1], &claims); err != nil {
		t.Fatalf("decoding claims: %v: %s", err, decoded[1])
	}
	if claims.Issuer != "interop" || claims.Subject != "disclosing_result" || claims.Expires != claims.Issued+120 ||
		time.Since(time.Unix(claims.Issued, 0)).Abs() > time.Minute {
		t.Errorf("JWT has the claims %s", decoded[1])
	}
	return claims.sessionResult
}
