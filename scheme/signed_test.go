package scheme_test

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

func TestVerifyIndex(t *testing.T) {
	t.Parallel()
	fsys := tree{"description.xml": "a", "office/description.xml": "b"}.signed(t, "dir", "test")
	file := func(name string) []byte { return fsys["dir/"+name].Data }
	key, err := scheme.ReadPublicKey(file("pk.pem"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := scheme.VerifyIndex(file("index"), file("index.sig"), key)
	if err != nil {
		t.Fatal(err)
	}
	want := &scheme.Index{Scheme: "test", Files: []scheme.File{
		{Path: "description.xml", Hash: sha256.Sum256([]byte("a"))},
		{Path: "office/description.xml", Hash: sha256.Sum256([]byte("b"))},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("index (-want +got):\n%s", diff)
	}
	changed := strings.Replace(string(file("index")), " test/o", " test/a", 1)
	if _, err := scheme.VerifyIndex([]byte(changed), file("index.sig"), key); err == nil {
		t.Error("verified an index that was changed")
	}
	if _, err := scheme.VerifyIndex(file("index"), file("index.sig"), &newKey(t).PublicKey); err == nil {
		t.Error("verified with another key")
	}
	outside := tree{}.signedWith(t, "dir", strings.Repeat("00", 32)+" test/../x\n")
	key, err = scheme.ReadPublicKey(outside["dir/pk.pem"].Data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scheme.VerifyIndex(outside["dir/index"].Data, outside["dir/index.sig"].Data, key); err == nil {
		t.Error("accepted a path outside the scheme")
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	if got, err := scheme.ParseTimestamp([]byte("1785000000\n")); err != nil || !got.Equal(time.Unix(1785000000, 0)) {
		t.Errorf("timestamp %v, error %v", got, err)
	}
	for _, text := range []string{"", "x", "-1", "+1", "1\n\n", "99999999999999999999"} {
		if _, err := scheme.ParseTimestamp([]byte(text)); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
}

func TestOrPrevious(t *testing.T) {
	t.Parallel()
	both := merge(testScheme(t, "a").signed(t, "a", "a"), testScheme(t, "b").signed(t, "b", "b"))
	previous := load(t, both)
	damaged := merge(both, fstest.MapFS{"a/" + cardFile: &fstest.MapFile{Data: []byte("x")}})
	set := load(t, damaged)
	got := set.OrPrevious(previous)
	var ids []irma.SchemeID
	for s := range got.Schemes() {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]irma.SchemeID{"a", "b"}, ids); diff != "" {
		t.Errorf("schemes (-want +got):\n%s", diff)
	}
	if got.Scheme("a") != previous.Scheme("a") || got.Scheme("b") == previous.Scheme("b") {
		t.Error("a scheme is not the right version")
	}
	if got.CredentialType("a.office.card") == nil || got.CredentialTypeByHash(irma.CredentialTypeID("a.office.card").Hash()) == nil {
		t.Error("a credential type is missing")
	}
	if _, err := got.PrivateKey("a.office", 1); err != nil {
		t.Error(err)
	}
	if len(got.Problems()) != len(set.Problems()) || len(got.Problems()) == 0 {
		t.Errorf("problems: %v", got.Problems())
	}
	if len(previous.Problems()) > 0 || set.Scheme("a") != nil {
		t.Error("a set was changed")
	}

	for name, fsys := range map[string]fstest.MapFS{
		"removed": testScheme(t, "b").signed(t, "b", "b"), "nothing wrong": both,
	} {
		set := load(t, fsys)
		if set.OrPrevious(previous) != set {
			t.Errorf("%s: another set", name)
		}
	}
}
