package wallet_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestKeyshareScheme gives the demo scheme a keyshare server.
func TestKeyshareScheme(t *testing.T) {
	t.Parallel()
	schemes := distributedDemo(t)
	refuses(t, schemes, irma.Issuing, `{"protocolVersion":"2.8","request":{"@context":"https://irma.app/ld/request/issuance/v2",
		"context":"AQ==","nonce":"Kg==","credentials":[{"validity":4000000000,"credential":"irmad-demo.gov.root","attributes":{"bsn":"1"}}]}}`,
		wallet.ErrUnsupported, "keyshare")

	server, _ := fixture(t, wallet.Config{})
	var saved bytes.Buffer
	if err := filled(t, server, wallet.Config{}).Save(&saved); err != nil {
		t.Fatal(err)
	}
	w, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Load(&saved); !errors.Is(err, wallet.ErrUnsupported) {
		t.Errorf("loading credentials: error %v", err)
	}
}

func distributedDemo(t *testing.T) *scheme.Set {
	t.Helper()
	root := t.TempDir()
	files, err := demo.FS()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(root, files); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, string(demo.ID))
	description := filepath.Join(dir, "description.xml")
	text, err := os.ReadFile(description)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("<Name>"), []byte("<KeyshareServer>https://keyshare.example</KeyshareServer><Name>"), 1)
	write(t, description, text)
	write(t, filepath.Join(dir, "kss-0.pem"), keysharePEM(t))

	key, err := scheme.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := scheme.Sign(dir, key, time.Now()); err != nil {
		t.Fatal(err)
	}
	set, err := scheme.LoadDir(root, scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Scheme(demo.ID); s == nil || !s.Distributed() {
		t.Fatalf("scheme was not made as intended: %v", set.Problems())
	}
	return set
}

func keysharePEM(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
