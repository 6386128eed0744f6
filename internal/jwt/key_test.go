package jwt_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/jwt"
)

func hmacKey(tb testing.TB, secret []byte) jwt.Key {
	tb.Helper()
	key, err := jwt.HMACKey(secret)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func publicKey(tb testing.TB, public *rsa.PublicKey) jwt.Key {
	tb.Helper()
	key, err := jwt.RSAKey(public)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func familyKey(tb testing.TB, public *rsa.PublicKey) jwt.Key {
	tb.Helper()
	key, err := jwt.RSAFamilyKey(public)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const payload = `{"iss":"shop"}`
	hs, rs := unsigned(`{"alg":"HS256"}`, payload), unsigned(`{"alg":"RS256"}`, payload)
	fromSign, err := jwt.Sign([]byte(payload), rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		token string
		key   jwt.Key
	}{
		"HS256":         {withHMAC(secret, hs), hmacKey(t, secret)},
		"RS256":         {withRSA(t, rsaKey(), rs), publicKey(t, &rsaKey().PublicKey)},
		"RS256 by Sign": {fromSign, publicKey(t, &rsaKey().PublicKey)},
		"RS256, family": {withRSA(t, rsaKey(), rs), familyKey(t, &rsaKey().PublicKey)},
		"RS384, family": {withDigest(t, rsaKey(), crypto.SHA384, unsigned(`{"alg":"RS384"}`, payload)), familyKey(t, &rsaKey().PublicKey)},
		"RS512, family": {withDigest(t, rsaKey(), crypto.SHA512, unsigned(`{"alg":"RS512"}`, payload)), familyKey(t, &rsaKey().PublicKey)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t, test.token).Verify(test.key)
			if err != nil || string(got) != payload {
				t.Errorf("got payload %q and error %v, want %q", got, err, payload)
			}
		})
	}
}

func parse(tb testing.TB, text string) *jwt.Unverified {
	tb.Helper()
	token, err := jwt.Parse([]byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	public := &rsaKey().PublicKey
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	const payload = `{"iss":"shop"}`
	hs, rs := unsigned(`{"alg":"HS256"}`, payload), unsigned(`{"alg":"RS256"}`, payload)
	none, lower := unsigned(`{"alg":"none"}`, payload), unsigned(`{"alg":"hs256"}`, payload)
	hs512 := unsigned(`{"alg":"HS512"}`, payload)
	other := strings.Replace(withHMAC(secret, hs), encode(payload), encode(`{"iss":"bank"}`), 1)
	for name, test := range map[string]struct {
		token string
		key   jwt.Key
	}{
		"none, unsigned, HMAC key":         {none + ".", hmacKey(t, secret)},
		"none, unsigned, RSA key":          {none + ".", publicKey(t, public)},
		"none, signed":                     {withHMAC(secret, none), hmacKey(t, secret)},
		"no algorithm, signed":             {withHMAC(secret, unsigned(`{}`, payload)), hmacKey(t, secret)},
		"no signature":                     {hs + ".", hmacKey(t, secret)},
		"spelling of the algorithm":        {withHMAC(secret, lower), hmacKey(t, secret)},
		"stronger algorithm, HS256 inside": {withHMAC(secret, hs512), hmacKey(t, secret)},
		"public key as secret, RSA key":    {withHMAC(published, hs), publicKey(t, public)},
		"public key as secret, as RS256":   {withHMAC(published, rs), publicKey(t, public)},
		"DER of public key as secret":      {withHMAC(der, hs), publicKey(t, public)},
		"RS256 with an HMAC key":           {withRSA(t, rsaKey(), rs), hmacKey(t, secret)},
		"RS384 with a key for RS256":       {withDigest(t, rsaKey(), crypto.SHA384, unsigned(`{"alg":"RS384"}`, payload)), publicKey(t, public)},
		"RS384 called RS512, family":       {withDigest(t, rsaKey(), crypto.SHA384, unsigned(`{"alg":"RS512"}`, payload)), familyKey(t, public)},
		"PS256, family":                    {withRSA(t, rsaKey(), unsigned(`{"alg":"PS256"}`, payload)), familyKey(t, public)},
		"public key as secret, family":     {withHMAC(published, hs), familyKey(t, public)},
		"none, unsigned, family":           {none + ".", familyKey(t, public)},
		"RSA signature called HS256":       {withRSA(t, rsaKey(), hs), publicKey(t, public)},
		"another secret":                   {withHMAC([]byte("another"), hs), hmacKey(t, secret)},
		"start of the secret":              {withHMAC(secret[:31], hs), hmacKey(t, secret)},
		"cut signature":                    {withHMAC(secret, hs)[:len(hs)+9], hmacKey(t, secret)},
		"other payload":                    {other, hmacKey(t, secret)},
		"zero key":                         {withHMAC(nil, hs), jwt.Key{}},
		"zero key and no algorithm":        {withHMAC(nil, unsigned(`{}`, payload)), jwt.Key{}},
		"empty secret":                     {withHMAC(nil, hs), hmacKey(t, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t, test.token).Verify(test.key)
			if !errors.Is(err, jwt.ErrSignature) || got != nil {
				t.Errorf("got payload %q and error %v, want ErrSignature", got, err)
			}
		})
	}
}
