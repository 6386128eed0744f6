package auth_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// demoDir writes the demo scheme to a folder and returns it with that of the
// issuer irmad-demo.gov in it.
func demoDir(tb testing.TB) (dir, issuer string) {
	tb.Helper()
	fsys, err := demo.FS()
	if err != nil {
		tb.Fatal(err)
	}
	dir = tb.TempDir()
	if err := os.CopyFS(dir, fsys); err != nil {
		tb.Fatal(err)
	}
	return dir, filepath.Join(dir, "irmad-demo", "gov")
}

func load(tb testing.TB, dir string) *scheme.Set {
	tb.Helper()
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for _, problem := range set.Problems() {
		tb.Fatal(problem)
	}
	return set
}

// withoutKeys returns the demo scheme without private keys of the issuer.
func withoutKeys(tb testing.TB) *scheme.Set {
	tb.Helper()
	dir, issuer := demoDir(tb)
	if err := os.RemoveAll(filepath.Join(issuer, "PrivateKeys")); err != nil {
		tb.Fatal(err)
	}
	return load(tb, dir)
}

// withoutRevocation returns the demo scheme with keys of the issuer that do not
// support revocation.
func withoutRevocation(tb testing.TB) *scheme.Set {
	tb.Helper()
	dir, issuer := demoDir(tb)
	for _, name := range []string{"PrivateKeys", "PublicKeys"} {
		file := filepath.Join(issuer, name, "0.xml")
		text, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, revocationParts.ReplaceAll(text, nil), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	folder := filepath.Join(dir, "irmad-demo")
	if err := os.Remove(filepath.Join(folder, "timestamp")); err != nil { // or now must be later
		tb.Fatal(err)
	}
	key, err := scheme.GenerateKey()
	if err != nil {
		tb.Fatal(err)
	}
	if err := scheme.Sign(folder, key, now); err != nil {
		tb.Fatal(err)
	}
	return load(tb, dir)
}

// revocationParts are the elements of key files that are for revocation.
var revocationParts = regexp.MustCompile(`<(ECDSA|G|H)>[^<]*</(ECDSA|G|H)>`)
