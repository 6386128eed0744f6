package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJWTKey(t *testing.T) {
	t.Parallel()
	key, pkcs1 := newKey(t)
	pkcs8 := encodeKey(t, key)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	dir := t.TempDir()
	for name, tt := range map[string]struct {
		text, file string
		want       string // error; empty for the key
	}{
		"PKCS#1":    {text: pkcs1},
		"PKCS#8":    {text: pkcs8},
		"file":      {file: write(t, "key.pem", pkcs8)},
		"both":      {text: pkcs1, file: "key.pem", want: "provide either key or path to key"},
		"no file":   {file: filepath.Join(dir, "none.pem"), want: "failed to stat key: "},
		"directory": {file: dir, want: "cannot read key from a directory"},
		"device":    {file: os.DevNull, want: "cannot read key from nonregular file"},
		"empty":     {file: write(t, "empty.pem", ""), want: "empty key provided"},
		"no PEM":    {text: "sesame", want: "invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key"},
		"broken":    {text: "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", want: "invalid key: Key must be"},
		"elliptic":  {text: encodeKey(t, elliptical), want: "not an RSA key"},
	} {
		s := &Settings{JWTPrivkey: tt.text, JWTPrivkeyFile: tt.file}
		got, warnings, err := s.JWTKey()
		switch {
		case tt.want == "" && (err != nil || !key.Equal(got) || len(warnings) > 0):
			t.Errorf("%s: got key %v, warnings %q and error %v", name, got, warnings, err)
		case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "jwt_privkey: failed to read private key: ") || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got error %v, want %q", name, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "sesame"):
			t.Errorf("%s: error quotes the key: %v", name, err)
		}
	}
	if got, warnings, err := (&Settings{JWTPrivkey: encodeKey(t, small)}).JWTKey(); err != nil || !small.Equal(got) || len(warnings) != 1 {
		t.Errorf("short key: got warnings %q and error %v", warnings, err)
	}
	if got, warnings, err := new(Settings).JWTKey(); got != nil || warnings != nil || err != nil {
		t.Errorf("no key: got %v, %q, %v", got, warnings, err)
	}
}
