package jwt

import (
	"crypto/rsa"
	"errors"
	"fmt"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// The algorithms that Keys verify.
const (
	HS256 = string(jwa.HS256)
	RS256 = string(jwa.RS256)
)

// ErrSignature says that a token was not signed with the key.
var ErrSignature = errors.New("signature is invalid")

// Key verifies tokens with one algorithm. The zero Key verifies none. Keys are
// safe for concurrent use.
type Key struct {
	algorithm jwa.SignatureAlgorithm
	verifier  jws.Verifier
	key       any
}

// HMACKey returns a key that verifies HS256. The secret must not be changed
// afterwards.
func HMACKey(secret []byte) (Key, error) { return newKey(jwa.HS256, secret) }

// RSAKey returns a key that verifies RS256.
func RSAKey(public *rsa.PublicKey) (Key, error) { return newKey(jwa.RS256, public) }

func newKey(algorithm jwa.SignatureAlgorithm, key any) (Key, error) {
	verifier, err := jws.NewVerifier(algorithm)
	if err != nil {
		return Key{}, fmt.Errorf("preparing to verify %s: %w", algorithm, err)
	}
	return Key{algorithm, verifier, key}, nil
}

// Verify checks the signature of the token with the algorithm of the key, and
// returns the payload. The error is ErrSignature unless the header names the
// same algorithm and the signature is valid.
func (t *Unverified) Verify(key Key) (payload []byte, err error) {
	if key.verifier == nil || t.Algorithm != string(key.algorithm) {
		return nil, ErrSignature
	}
	if err := key.verifier.Verify(t.signed, t.signature, key.key); err != nil {
		return nil, ErrSignature
	}
	return t.payload, nil
}
