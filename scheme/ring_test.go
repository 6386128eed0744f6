package scheme_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/irmad/irmaserver/scheme"
)

func ring(files map[string]string) fs.FS {
	out := fstest.MapFS{}
	for name, content := range files {
		out[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return out
}

// withoutPrivateKeys returns a scheme with public keys 0, 1 and 2 only.
func withoutPrivateKeys(tb testing.TB) tree {
	tr := testScheme(tb, "test")
	delete(tr, "office/PrivateKeys/0.xml")
	delete(tr, "office/PrivateKeys/1.xml")
	tr["office/PublicKeys/2.xml"] = keyFile(tb, "public2.xml")
	return tr
}

func TestRing(t *testing.T) {
	t.Parallel()
	keys := [3]string{keyFile(t, "private0.xml"), keyFile(t, "private1.xml"), keyFile(t, "private2.xml")}
	tests := map[string]struct {
		files  map[string]string
		latest uint
		found  []uint
	}{
		"with counters":     {map[string]string{"test.office.0.xml": keys[0], "test.office.2.xml": keys[2]}, 2, []uint{0, 2}},
		"without counter":   {map[string]string{"test.office.xml": keys[1]}, 1, []uint{1}},
		"both":              {map[string]string{"test.office.xml": keys[2], "test.office.0.xml": keys[0]}, 2, []uint{0, 2}},
		"the same twice":    {map[string]string{"test.office.xml": keys[1], "test.office.1.xml": keys[1]}, 1, []uint{1}},
		"other files":       {map[string]string{"test.office.0.xml": keys[0], "README.md": "x", "key.xml": "x", "a.b.c.xml": "x", "..data/test.office.1.xml": "x", "test.office.1.xml.bak": "x", "test.office.xml/x": "y"}, 0, []uint{0}},
		"counter with zero": {map[string]string{"test.office.0.xml": keys[0]}, 0, []uint{0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, tr := range []tree{withoutPrivateKeys(t), production(t, withoutPrivateKeys(t))} {
				set, err := scheme.Load(tr.signed(t, "test", "test"), scheme.Options{PrivateKeys: ring(test.files)})
				if err != nil {
					t.Fatal(err)
				}
				if len(set.Problems()) > 0 {
					t.Error(set.Problems())
				}
				if latest, err := set.LatestPrivateKey(office); latest != test.latest || err != nil {
					t.Errorf("latest is %d, %v; want %d", latest, err, test.latest)
				}
				for _, counter := range test.found {
					if key, err := set.PrivateKey(office, counter); err != nil || key.Counter != counter {
						t.Errorf("key %d: %v", counter, err)
					}
				}
			}
		})
	}
}

func TestRingFails(t *testing.T) {
	t.Parallel()
	key := keyFile(t, "private0.xml")
	unsafePublic, unsafePrivate := unsafeKey(t)
	noECDSA := regexp.MustCompile("<ECDSA>.*</ECDSA>").ReplaceAllString(key, "")
	tests := map[string]struct {
		name, content, want string
		change              func(tree)
	}{
		"unknown scheme":       {"nope.office.0.xml", key, "unknown scheme nope", nil},
		"unusable scheme":      {"test.office.0.xml", key, "timestamp", func(tr tree) { tr["timestamp"] = "x" }},
		"unknown issuer":       {"test.shop.0.xml", key, "unknown issuer test.shop", nil},
		"counter":              {"test.office.1.xml", key, "counter 0", nil},
		"counter in file":      {"test.office.0.xml", between(t, key, "Counter", "1"), "counter 1", nil},
		"counter spelling":     {"test.office.00.xml", key, "not a key counter", nil},
		"huge counter":         {"test.office.99999999999999999999.xml", key, "not a key counter", nil},
		"no public key":        {"test.office.7.xml", between(t, key, "Counter", "7"), "key not found", nil},
		"no public key either": {"test.office.xml", between(t, key, "Counter", "7"), "key not found", nil},
		"another n":            {"test.office.1.xml", between(t, key, "Counter", "1"), "multiply to n", nil},
		"not XML":              {"test.office.0.xml", "x", "not the XML", nil},
		"revocation":           {"test.office.0.xml", noECDSA, "revocation", nil},
		"not safe primes":      {"test.office.0.xml", unsafePrivate, "safe prime", func(tr tree) { tr["office/PublicKeys/0.xml"] = unsafePublic }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := production(t, withoutPrivateKeys(t))
			if test.change != nil {
				test.change(tr)
			}
			files := map[string]string{test.name: test.content, "test.office.2.xml": keyFile(t, "private2.xml")}
			_, err := scheme.Load(tr.signed(t, "test", "test"), scheme.Options{PrivateKeys: ring(files)})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.name) {
				t.Fatalf("error is %v, want %q about %s", err, test.want, test.name)
			}
			if strings.Contains(err.Error(), element(t, key, "p")) {
				t.Error("the error tells the private key")
			}
		})
	}
}

func TestRingUnreadable(t *testing.T) {
	t.Parallel()
	missing := os.DirFS(filepath.Join(t.TempDir(), "missing"))
	if _, err := scheme.Load(testScheme(t, "test").signed(t, "test", "test"), scheme.Options{PrivateKeys: missing}); err == nil {
		t.Error("loaded private keys from nowhere")
	}
}

// TestRingDemo checks that demo schemes get a warning where others fail.
func TestRingDemo(t *testing.T) {
	t.Parallel()
	noECDSA := regexp.MustCompile("<ECDSA>.*</ECDSA>").ReplaceAllString(keyFile(t, "private0.xml"), "")
	set, err := scheme.Load(withoutPrivateKeys(t).signed(t, "test", "test"),
		scheme.Options{PrivateKeys: ring(map[string]string{"test.office.xml": noECDSA})})
	if err != nil {
		t.Fatal(err)
	}
	problems := set.Problems()
	if len(problems) != 1 || !problems[0].Warning() || !strings.Contains(problems[0].String(), "revocation") {
		t.Errorf("problems: %v", problems)
	}
	if _, err := set.PrivateKey(office, 0); err != nil {
		t.Error(err)
	}
}

// TestRingPrecedence checks that a key in the scheme wins over one with the same
// counter in the folder, and that the latest is that of both together.
func TestRingPrecedence(t *testing.T) {
	t.Parallel()
	tr := withoutPrivateKeys(t)
	tr["office/PrivateKeys/1.xml"] = between(t, keyFile(t, "private1.xml"), "ExpiryDate", "1")
	set, err := scheme.Load(tr.signed(t, "test", "test"), scheme.Options{PrivateKeys: ring(map[string]string{
		"test.office.0.xml": keyFile(t, "private0.xml"), "test.office.1.xml": keyFile(t, "private1.xml"),
	})})
	if err != nil {
		t.Fatal(err)
	}
	if latest, err := set.LatestPrivateKey(office); latest != 1 || err != nil {
		t.Errorf("latest is %d, %v", latest, err)
	}
	if key, err := set.PrivateKey(office, 1); err != nil || key.ExpiryDate != 1 {
		t.Errorf("key is not that of the scheme, %v", err)
	}
}

// TestLinks lays out folders as Kubernetes mounts secrets: each file is a link
// through the link ..data to a folder that is replaced as a whole.
func TestLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tr := withoutPrivateKeys(t)
	writeAll(t, filepath.Join(dir, "real"), tr.signed(t, "test", "test"))
	mount(t, filepath.Join(dir, "privkeys"), "test.office.2.xml", keyFile(t, "private2.xml"))
	mount(t, filepath.Join(dir, "real", "test", "office", "PrivateKeys"), "0.xml", keyFile(t, "private0.xml"))
	if err := os.Mkdir(filepath.Join(dir, "schemes"), 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join("..", "real", "test"), filepath.Join(dir, "schemes", "test"))
	link(t, filepath.Join("..", "real", "gone"), filepath.Join(dir, "schemes", "gone"))

	set, err := scheme.LoadDir(filepath.Join(dir, "schemes"), scheme.Options{PrivateKeys: os.DirFS(filepath.Join(dir, "privkeys"))})
	if err != nil {
		t.Fatal(err)
	}
	if p := set.Problems(); len(p) != 1 || p[0].Scheme != "gone" || p[0].Status != scheme.InvalidIndex {
		t.Errorf("problems: %v", p)
	}
	for _, counter := range []uint{0, 2} {
		if _, err := set.PrivateKey(office, counter); err != nil {
			t.Error(err)
		}
	}
}

func mount(tb testing.TB, dir, name, content string) {
	tb.Helper()
	writeTree(tb, dir, tree{"..2026_01_01/" + name: content})
	link(tb, "..2026_01_01", filepath.Join(dir, "..data"))
	link(tb, filepath.Join("..data", name), filepath.Join(dir, name))
}

func link(tb testing.TB, target, name string) {
	tb.Helper()
	if err := os.Symlink(target, name); err != nil {
		tb.Skipf("no symbolic links here: %v", err)
	}
}

func writeAll(tb testing.TB, dir string, files fstest.MapFS) {
	tb.Helper()
	tr := tree{}
	for name, file := range files {
		tr[name] = string(file.Data)
	}
	writeTree(tb, dir, tr)
}

func writeTree(tb testing.TB, dir string, files tree) {
	tb.Helper()
	for name, content := range files {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(content), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}
