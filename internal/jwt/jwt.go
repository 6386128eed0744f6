// Package jwt signs and verifies JSON web tokens, and reads the keys for it. It
// is the only importer of the JWT library, so that exchanging the library
// touches one package.
//
// A token says in its header how it is signed, which is for its sender to
// choose and so for nobody to trust. Here the algorithm belongs to the Key that
// a token is verified with; the header can only agree with it.
package jwt

import (
	"crypto/rsa"
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// Sign returns a token with this payload, a JSON object, signed with RS256. The
// payload's bytes are kept, so its members stay in order.
func Sign(payload []byte, key *rsa.PrivateKey) (string, error) {
	return sign(payload, jwa.RS256, key)
}

// SignHMAC is like Sign, with HS256.
func SignHMAC(payload, secret []byte) (string, error) {
	return sign(payload, jwa.HS256, secret)
}

func sign(payload []byte, algorithm jwa.SignatureAlgorithm, key any) (string, error) {
	headers := jws.NewHeaders()
	if err := headers.Set(jws.TypeKey, "JWT"); err != nil {
		return "", fmt.Errorf("setting JWT header: %w", err)
	}
	token, err := jws.Sign(payload, jws.WithKey(algorithm, key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", fmt.Errorf("signing JWT: %w", err)
	}
	return string(token), nil
}
