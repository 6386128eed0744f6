package scheme_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme"
)

// unsignedFolder writes the files of a tree without signature to a new folder.
func unsignedFolder(tb testing.TB, tr tree) string {
	tb.Helper()
	dir := tb.TempDir()
	writeTree(tb, filepath.Join(dir, "test"), tr)
	return filepath.Join(dir, "test")
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := scheme.GenerateKey()
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func TestSign(t *testing.T) {
	t.Parallel()
	tr := testScheme(t, "test")
	delete(tr, "timestamp")
	for _, file := range []string{"office/Proofs/0.xml", ".git/x.xml", "sk.pem", "LICENSE", "kss-x.pem", "office/notes.txt"} {
		tr[file] = "x"
	}
	tr["kss-0.pem"] = rsaPEM(t)
	dir := unsignedFolder(t, tr)
	if err := scheme.Sign(dir, newKey(t), now); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"office/Proofs/0.xml", ".git/x.xml", "sk.pem", "LICENSE", "kss-x.pem", "office/notes.txt", "office/PrivateKeys/0.xml", "office/PrivateKeys/1.xml"} {
		delete(tr, file)
	}
	tr["timestamp"] = "1785585600\n"
	index, err := os.ReadFile(filepath.Join(dir, "index"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tr.index("test"), string(index)); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}

	set, err := scheme.LoadDir(filepath.Dir(dir), scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Scheme("test"); s == nil || !s.Timestamp.Equal(now) {
		t.Errorf("scheme is %+v, problems %v", s, set.Problems())
	}
}

func TestSignAgain(t *testing.T) {
	t.Parallel()
	dir := unsignedFolder(t, testScheme(t, "test"))
	key := newKey(t)
	if err := scheme.Sign(dir, key, now); err != nil {
		t.Fatal(err)
	}
	for _, when := range []time.Time{now, now.Add(-time.Hour)} {
		if err := scheme.Sign(dir, key, when); err == nil {
			t.Error("signed a version that is not newer")
		}
	}
	if err := scheme.Sign(dir, key, now.Add(time.Second)); err != nil {
		t.Error(err)
	}
}

func TestSignRequestorScheme(t *testing.T) {
	t.Parallel()
	dir := unsignedFolder(t, tree{
		"description.json": `{"id":"test","schemetype":"requestor"}`, "all.json": "[]", "logo.png": "x", "other.xml": "x",
	})
	if err := scheme.Sign(dir, newKey(t), now); err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(filepath.Join(dir, "index"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for line := range strings.Lines(string(index)) {
		files = append(files, strings.TrimSpace(line[65:]))
	}
	if diff := cmp.Diff([]string{"test/all.json", "test/description.json", "test/timestamp"}, files); diff != "" {
		t.Errorf("signed files (-want +got):\n%s", diff)
	}
	set, err := scheme.LoadDir(filepath.Dir(dir), scheme.Options{})
	if err != nil || len(set.Problems()) > 0 {
		t.Error(err, set.Problems())
	}
}

func TestSignFails(t *testing.T) {
	t.Parallel()
	tests := map[string]func(tree){
		"no description": func(tr tree) { delete(tr, "description.xml") },
		"not XML":        func(tr tree) { tr["description.xml"] = "x" },
		"reserved id": func(tr tree) {
			tr["description.xml"] = strings.ReplaceAll(tr["description.xml"], "<Id>test", "<Id>tempscheme")
		},
		"no id":              func(tr tree) { tr["description.xml"] = strings.ReplaceAll(tr["description.xml"], "<Id>test", "<Id>") },
		"CRLF":               func(tr tree) { tr[cardFile] = strings.ReplaceAll(tr[cardFile], "\n", "\r\n") },
		"space in file name": func(tr tree) { tr["office/a b.xml"] = "x" },
		"bad timestamp":      func(tr tree) { tr["timestamp"] = "yesterday" },
		"issuer JSON":        func(tr tree) { delete(tr, "description.xml"); tr["description.json"] = `{"id":"test"}` },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			change(tr)
			dir := unsignedFolder(t, tr)
			if err := scheme.Sign(dir, newKey(t), now); err == nil {
				t.Error("signed")
			}
			if _, err := os.Stat(filepath.Join(dir, "index.sig")); err == nil {
				t.Error("there is a signature")
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	if key.Curve != elliptic.P256() {
		t.Error("the key is not on curve P-256")
	}
	data, err := scheme.MarshalKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if block, rest := pem.Decode(data); block == nil || block.Type != "EC PRIVATE KEY" || len(rest) > 0 {
		t.Errorf("key is %s", data)
	}
	got, err := scheme.ReadKey(data)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(key) {
		t.Error("read another key")
	}
	public, err := scheme.MarshalPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(publicPEM(t, &key.PublicKey), string(public)); diff != "" {
		t.Errorf("public key (-want +got):\n%s", diff)
	}
}

func TestReadKeyFails(t *testing.T) {
	t.Parallel()
	block := func(kind, content string) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte(content)}))
	}
	for name, data := range map[string]string{
		"empty": "", "not PEM": "x", "public key": publicPEM(t, &newKey(t).PublicKey),
		"not DER":   block("EC PRIVATE KEY", "x"),
		"encrypted": block("ENCRYPTED IRMA SCHEME PRIVATE KEY", "x"),
	} {
		if _, err := scheme.ReadKey([]byte(data)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// TestOtherCurves checks that the curve is whatever the key says.
func TestOtherCurves(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := unsignedFolder(t, testScheme(t, "test"))
	if err := scheme.Sign(dir, key, now); err != nil {
		t.Fatal(err)
	}
	set, err := scheme.LoadDir(filepath.Dir(dir), scheme.Options{})
	if err != nil || set.Scheme("test") == nil {
		t.Error(err, set.Problems())
	}
}
