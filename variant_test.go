package irmaserver_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// variant returns the demo scheme with its files changed, those without
// contents left out, and others added, signed anew.
func variant(t testing.TB, added map[string][]byte, change func(path string, data []byte) []byte) *scheme.Set {
	t.Helper()
	dir := t.TempDir()
	files, err := demo.FS()
	if err != nil {
		t.Fatal(err)
	}
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "/timestamp") {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		if data = change(path, data); data == nil {
			return nil
		}
		return writeFile(filepath.Join(dir, path), data)
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range added {
		if err := writeFile(filepath.Join(dir, path), data); err != nil {
			t.Fatal(err)
		}
	}
	return signedSet(t, dir)
}

// signedSet signs the demo scheme in a directory and loads it.
func signedSet(t testing.TB, dir string) *scheme.Set {
	t.Helper()
	key, err := scheme.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := scheme.Sign(filepath.Join(dir, string(demo.ID)), key, time.Now()); err != nil {
		t.Fatal(err)
	}
	set, err := scheme.LoadDir(dir, scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Scheme(demo.ID) == nil {
		t.Fatalf("scheme was not made as intended: %v", set.Problems())
	}
	return set
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// described returns a change that adds an element to the description of the
// scheme.
func described(element string) func(string, []byte) []byte {
	return func(path string, data []byte) []byte {
		if path == string(demo.ID)+"/description.xml" {
			return bytes.Replace(data, []byte("</SchemeManager>"), []byte(element+"\n</SchemeManager>"), 1)
		}
		return data
	}
}

// withoutPrivateKeys is a change that leaves out the issuers' private keys.
func withoutPrivateKeys(path string, data []byte) []byte {
	if strings.Contains(path, "/PrivateKeys/") {
		return nil
	}
	return data
}
