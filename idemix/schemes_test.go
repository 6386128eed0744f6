package idemix_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/keysharetest"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// publicSet is the demo scheme without its private keys.
func publicSet(tb testing.TB) *scheme.Set {
	tb.Helper()
	return variant(tb, "irmad-demo", func(path string, data []byte) []byte {
		if strings.Contains(path, "PrivateKeys") {
			return nil
		}
		return data
	}, nil)
}

// keyshareSet is a copy of the demo scheme under another name with a keyshare
// server.
func keyshareSet(tb testing.TB, name string, server *keysharetest.Server) *scheme.Set {
	tb.Helper()
	return variant(tb, name, func(path string, data []byte) []byte {
		data = bytes.ReplaceAll(data, []byte("irmad-demo"), []byte(name))
		if path == "irmad-demo/description.xml" {
			server := []byte("<KeyshareServer>https://keyshare.example</KeyshareServer>\n</SchemeManager>")
			data = bytes.Replace(data, []byte("</SchemeManager>"), server, 1)
		}
		return data
	}, map[string][]byte{"kss-0.pem": must(server.PEM())})
}

// variant loads the demo scheme with its files changed, those without contents
// left out, and others added.
func variant(tb testing.TB, name string, change func(path string, data []byte) []byte, added map[string][]byte) *scheme.Set {
	tb.Helper()
	dir := tb.TempDir()
	fsys := must(demo.FS())
	check(fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data := change(path, must(fs.ReadFile(fsys, path)))
		if path == "irmad-demo/timestamp" || data == nil { // the copy is a first version
			return nil
		}
		return write(filepath.Join(dir, name, strings.TrimPrefix(path, "irmad-demo")), data)
	}))
	for file, data := range added {
		check(write(filepath.Join(dir, name, file), data))
	}
	check(scheme.Sign(filepath.Join(dir, name), must(scheme.GenerateKey()), now))
	set := must(scheme.LoadDir(dir, scheme.Options{}))
	for _, problem := range set.Problems() {
		if !problem.Warning() {
			tb.Fatal(problem)
		}
	}
	return set
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// grownSet is the demo scheme after so many attributes were added to the type
// root that its key has too few bases.
func grownSet(tb testing.TB) *scheme.Set {
	tb.Helper()
	return variant(tb, "irmad-demo", func(path string, data []byte) []byte {
		if path != "irmad-demo/gov/Issues/root/description.xml" {
			return data
		}
		var added strings.Builder
		for i := range len(publicKey(root).R) {
			fmt.Fprintf(&added, `<Attribute id="added%d" optional="true"><Name><en>A</en><nl>A</nl></Name>`+
				`<Description><en>A</en><nl>A</nl></Description></Attribute>`, i)
		}
		return bytes.Replace(data, []byte("</Attributes>"), []byte(added.String()+"</Attributes>"), 1)
	}, nil)
}
