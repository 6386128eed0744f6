package wallet_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestKeyshare gives the demo scheme a keyshare server, and the wallet a part of
// it.
func TestKeyshare(t *testing.T) {
	t.Parallel()
	keyshare := newKeyshare(t)
	schemes := distributedDemo(t, keyshare)
	server := irmatest.NewServer(t, func(cfg *irmaserver.Config) { cfg.Schemes = schemes })
	cfg := wallet.Config{Keyshares: map[irma.SchemeID]*wallet.KeyshareServer{demo.ID: keyshare}}
	w := server.NewWallet(t, cfg)
	server.Issue(t, w, rootCredential("1"), ageCredential())
	req := irma.NewIssuanceRequest(ballotCredential())
	req.Disclose = disclosure(irma.DisCon{con(bsn)}).Disclose
	if result, err := server.Run(t, w, req); err != nil || cmp.Diff([][]string{{"1"}}, values(result)) != "" {
		t.Fatalf("issuance with disclosure: %+v, %v", result, err)
	}

	ask := disclosure(irma.DisCon{con(bsn)}, irma.DisCon{con(over18)}, irma.DisCon{con(votingNumber)})
	want := [][]string{{"1"}, {"yes"}, {*w.Credentials()[2].Attributes["votingNumber"]}}
	restored := copyOf(t, w, server, cfg)
	for name, w := range map[string]*wallet.Wallet{"wallet": w, "wallet that was saved": restored} {
		result, err := server.Run(t, w, ask)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, values(result)); diff != "" {
			t.Errorf("%s discloses (-want +got):\n%s", name, diff)
		}
	}
	result, err := server.Run(t, w, irma.NewSignatureRequest("I agree", bsn))
	if err != nil || result.Signature == nil {
		t.Errorf("signature: %+v, %v", result, err)
	}

	stranger, err := wallet.New(schemes, wallet.Config{Keyshares: map[irma.SchemeID]*wallet.KeyshareServer{demo.ID: newKeyshare(t)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Load(bytes.NewReader(save(t, w).encode(t))); err == nil || !strings.Contains(err.Error(), "is not correct") {
		t.Errorf("loading with another keyshare server: error %v", err)
	}
	if result, err := server.Run(t, stranger, irma.NewIssuanceRequest(rootCredential("2"))); !errors.Is(err, irma.ErrKeyshareProofMissing) {
		t.Errorf("statement of another keyshare server: %+v, %v", result, err)
	}
}

// TestKeyshareScheme has a wallet without a part of the keyshare server.
func TestKeyshareScheme(t *testing.T) {
	t.Parallel()
	schemes := distributedDemo(t, newKeyshare(t))
	refuses(t, schemes, irma.Issuing, `{"protocolVersion":"2.8","request":{"@context":"https://irma.app/ld/request/issuance/v2",
		"context":"AQ==","nonce":"Kg==","credentials":[{"validity":4000000000,"credential":"irmad-demo.gov.root","attributes":{"bsn":"1"}}]}}`,
		wallet.ErrUnsupported, "keyshare")

	server, _ := fixture(t, wallet.Config{})
	w, err := wallet.New(schemes, wallet.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Load(bytes.NewReader(save(t, filled(t, server, wallet.Config{})).encode(t))); !errors.Is(err, wallet.ErrUnsupported) {
		t.Errorf("loading credentials: error %v", err)
	}
}

func newKeyshare(t *testing.T) *wallet.KeyshareServer {
	t.Helper()
	keyshare, err := wallet.NewKeyshareServer()
	if err != nil {
		t.Fatal(err)
	}
	return keyshare
}

func distributedDemo(t *testing.T, keyshare *wallet.KeyshareServer) *scheme.Set {
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
	public, err := keyshare.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "kss-0.pem"), public)

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

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
