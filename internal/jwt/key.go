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
	RS384 = string(jwa.RS384)
	RS512 = string(jwa.RS512)
)

// ErrSignature says that a token was not signed with the key.
var ErrSignature = errors.New("signature is invalid")

// Key verifies tokens, with one algorithm unless said otherwise. The zero Key
// verifies none. Keys are safe for concurrent use.
type Key struct {
	verifiers map[string]jws.Verifier // by algorithm
	key       any
}

// HMACKey returns a key that verifies HS256. The secret must not be changed
// afterwards.
func HMACKey(secret []byte) (Key, error) { return newKey(secret, jwa.HS256) }

// RSAKey returns a key that verifies RS256.
func RSAKey(public *rsa.PublicKey) (Key, error) { return newKey(public, jwa.RS256) }

// RSAFamilyKey returns a key that verifies RS256, RS384 and RS512. These differ
// in their digest only, so what one of them verifies nobody but the owner of the
// key can have signed.
func RSAFamilyKey(public *rsa.PublicKey) (Key, error) {
	return newKey(public, jwa.RS256, jwa.RS384, jwa.RS512)
}

func newKey(key any, algorithms ...jwa.SignatureAlgorithm) (Key, error) {
	out := Key{verifiers: make(map[string]jws.Verifier, len(algorithms)), key: key}
	for _, algorithm := range algorithms {
		verifier, err := jws.NewVerifier(algorithm)
		if err != nil {
			return Key{}, fmt.Errorf("preparing to verify %s: %w", algorithm, err)
		}
		out.verifiers[string(algorithm)] = verifier
	}
	return out, nil
}

// Verify checks the signature of the token with the algorithm of the key, and
// returns the payload. The error is ErrSignature unless the header names an
// algorithm of the key and the signature is valid.
func (t *Unverified) Verify(key Key) (payload []byte, err error) {
	verifier := key.verifiers[t.Algorithm]
	if verifier == nil {
		return nil, ErrSignature
	}
	if err := verifier.Verify(t.signed, t.signature, key.key); err != nil {
		return nil, ErrSignature
	}
	return t.payload, nil
}
