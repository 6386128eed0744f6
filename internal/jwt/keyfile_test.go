package jwt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
)

// keyFiles has the test's RSA key, and others, in PEM by block type.
func keyFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	key := rsaKey()
	der := func(data []byte, err error) []byte {
		if err != nil {
			tb.Fatal(err)
		}
		return data
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1, 0)}
	out := map[string][]byte{}
	for name, block := range map[string]pem.Block{
		"pkix":        {Type: "PUBLIC KEY", Bytes: der(x509.MarshalPKIXPublicKey(&key.PublicKey))},
		"pkcs1":       {Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)},
		"certificate": {Type: "CERTIFICATE", Bytes: der(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))},
		"private1":    {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)},
		"private8":    {Type: "PRIVATE KEY", Bytes: der(x509.MarshalPKCS8PrivateKey(key))},
		"encrypted1":  {Type: "RSA PRIVATE KEY", Headers: map[string]string{"DEK-Info": "AES-256-CBC,00"}, Bytes: []byte{1}},
		"encrypted8":  {Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte{1}},
		"curve":       {Type: "PUBLIC KEY", Bytes: der(x509.MarshalPKIXPublicKey(&curve.PublicKey))},
		"curve8":      {Type: "PRIVATE KEY", Bytes: der(x509.MarshalPKCS8PrivateKey(curve))},
		"cut":         {Type: "PUBLIC KEY", Bytes: []byte{0x30, 1}},
		"cut cert":    {Type: "CERTIFICATE", Bytes: []byte{0x30, 1}},
		"short":       {Type: "PUBLIC KEY", Bytes: der(x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: big.NewInt(15), E: 3}))},
		"other":       {Type: "CERTIFICATE REQUEST", Bytes: []byte{1}},
	} {
		out[name] = pem.EncodeToMemory(&block)
	}
	out["text"] = []byte("no key at all")
	return out
}

func TestParseRSAPublicKey(t *testing.T) {
	t.Parallel()
	files := keyFiles(t)
	for name, want := range map[string]string{
		"pkix": "", "pkcs1": "", "certificate": "",
		"private1": "this is a private key", "private8": "this is a private key", "curve": "not an RSA key",
		"cut": "asn1", "cut cert": "x509", "short": "at least 1024", "other": `found "CERTIFICATE REQUEST"`, "text": "no PEM block",
	} {
		key, err := jwt.ParseRSAPublicKey(files[name])
		switch {
		case want == "" && (err != nil || !key.Equal(&rsaKey().PublicKey)):
			t.Errorf("%s: got key %v and error %v", name, key, err)
		case want != "":
			expectKeyError(t, name, err, want)
		}
	}
}

func TestParseRSAPrivateKey(t *testing.T) {
	t.Parallel()
	files := keyFiles(t)
	for name, want := range map[string]string{
		"private1": "", "private8": "",
		"encrypted1": "passphrase", "encrypted8": "passphrase", "curve8": "not an RSA key",
		"pkix": `found "PUBLIC KEY"`, "certificate": `found "CERTIFICATE"`, "text": "no PEM block",
	} {
		key, err := jwt.ParseRSAPrivateKey(files[name])
		switch {
		case want == "" && (err != nil || !key.Equal(rsaKey())):
			t.Errorf("%s: got another key and error %v", name, err)
		case want != "":
			expectKeyError(t, name, err, want)
		}
	}
}

func expectKeyError(t *testing.T, name string, err error, want string) {
	t.Helper()
	const prefix = "invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key: "
	if err == nil || !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got error %v, want %q with %q", name, err, prefix, want)
	}
}

func TestCheckRSAPublicKey(t *testing.T) {
	t.Parallel()
	good := rsaKey().PublicKey
	even := new(big.Int).Lsh(big.NewInt(1), 2047)
	for name, key := range map[string]*rsa.PublicKey{
		"nil":           nil,
		"zero":          {},
		"negative":      {N: new(big.Int).Neg(good.N), E: good.E},
		"even modulus":  {N: even, E: 65537},
		"exponent one":  {N: good.N, E: 1},
		"even exponent": {N: good.N, E: 4},
		"no exponent":   {N: good.N},
	} {
		if err := jwt.CheckRSAPublicKey(key); err == nil {
			t.Errorf("%s: key was accepted", name)
		}
	}
	if err := jwt.CheckRSAPublicKey(&good); err != nil {
		t.Errorf("good key: %v", err)
	}
}

func TestDecodeSecret(t *testing.T) {
	t.Parallel()
	value := string([]byte{0xfb, 0xff, 0xfe, 0x01}) // - and _ in one alphabet, + and / in the other
	for name, encoding := range map[string]*base64.Encoding{
		"standard": base64.StdEncoding, "standard without padding": base64.RawStdEncoding,
		"URL": base64.URLEncoding, "URL without padding": base64.RawURLEncoding,
	} {
		text := encoding.EncodeToString([]byte(value))
		for _, spelling := range []string{text, text + "\n", " " + text, text[:3] + "\r\n" + text[3:]} {
			got, err := jwt.DecodeSecret([]byte(spelling))
			if err != nil || string(got) != value {
				t.Errorf("%s, %q: got %x and error %v", name, spelling, got, err)
			}
		}
	}
	for _, text := range []string{"+_", "a", "ab=", "not base64!", "AAAA AAAA"} {
		if got, err := jwt.DecodeSecret([]byte(text)); err == nil || strings.Contains(err.Error(), text) && len(text) > 2 {
			t.Errorf("%q: got %x and error %v", text, got, err)
		}
	}
}
