package irmaserver_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// verifyJWT verifies an RS256 token with the standard library alone and returns
// its payload.
func verifyJWT(t testing.TB, key *rsa.PublicKey, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q has %d parts", token, len(parts))
	}
	var decoded [3]string
	for i, part := range parts {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		decoded[i] = string(data)
	}
	if decoded[0] != `{"alg":"RS256","typ":"JWT"}` {
		t.Errorf("header is %s", decoded[0])
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], []byte(decoded[2])); err != nil {
		t.Fatal(err)
	}
	return decoded[1]
}
