package jwt_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS384 and RS512
	"encoding/base64"
	"sync"
	"testing"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// The tokens of the tests are made with the standard library alone.

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func unsigned(header, payload string) string { return encode(header) + "." + encode(payload) }

func withHMAC(key []byte, signed string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func withRSA(tb testing.TB, key *rsa.PrivateKey, signed string) string {
	tb.Helper()
	return withDigest(tb, key, crypto.SHA256, signed)
}

func withDigest(tb testing.TB, key *rsa.PrivateKey, hash crypto.Hash, signed string) string {
	tb.Helper()
	digest := hash.New()
	digest.Write([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, hash, digest.Sum(nil))
	if err != nil {
		tb.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}
