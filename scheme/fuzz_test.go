package scheme

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/privacybydesign/gabi/gabikeys"

	"github.com/irmad/irmaserver/irma"
)

// The fuzz targets call the parsers themselves: behind a signature they would
// hardly be reached.

func FuzzIndex(f *testing.F) {
	hash := strings.Repeat("0a", 32)
	f.Add([]byte(hash + " test/description.xml\n" + hash + " test/office/description.xml\n"))
	f.Add([]byte("\n" + strings.ToUpper(hash) + " test/a"))
	f.Add([]byte(hash + " test/../a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, entries, err := parseIndex(data)
		if err != nil {
			return
		}
		var again bytes.Buffer
		for _, e := range entries {
			if !fs.ValidPath(e.path) || strings.ContainsAny(e.path, "\\\x00:") {
				t.Fatalf("path %q", e.path)
			}
			locate(e.path)
			fmt.Fprintf(&again, "%x %s/%s\n", e.hash, id, e.path)
		}
		sameID, same, err := parseIndex(again.Bytes())
		if err != nil || sameID != id {
			t.Fatalf("written again: id %q, error %v", sameID, err)
		}
		if diff := cmp.Diff(entries, same, cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("written again (-want +got):\n%s", diff)
		}
	})
}

func FuzzRequestors(f *testing.F) {
	f.Add([]byte(`[{"id":"s.a","scheme":"s","hostnames":["a.example"],"logo":"` + strings.Repeat("0a", 32) + `","wizards":{"s.a.w":{"id":"s.a.w"}}}]`))
	f.Add([]byte(`[{"id":"s.a","scheme":"s","name":null,"valid_until":1}]`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		requestors, err := parseChunk(data, "s", false)
		if err != nil {
			return
		}
		for _, r := range requestors {
			if !strings.HasPrefix(r.ID, "s.") || r.Logo != "" && !safePath(r.Logo) {
				t.Errorf("requestor %+v", r)
			}
		}
	})
}

func FuzzTimestamp(f *testing.F) {
	for _, text := range []string{"1785000000\n", "0", "", "+1", "9223372036854775807", "9223372036854775808"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		when, err := parseTimestamp(data)
		if err != nil {
			return
		}
		same, err := parseTimestamp(fmt.Appendf(nil, "%d\n", when.Unix()))
		if err != nil || !same.Equal(when) {
			t.Errorf("%q is %v, and %v written again: %v", data, when, same, err)
		}
	})
}

func FuzzSchemeDescription(f *testing.F) {
	f.Add([]byte(`<SchemeManager version="7"><Id>test</Id><Demo>true</Demo><Name><en>Test</en></Name><Languages><Language>en</Language></Languages></SchemeManager>`))
	f.Add([]byte(`<SchemeManager version="7"><SchemeType>requestor</SchemeType></SchemeManager>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, err := parseScheme(data)
		if err == nil && raw.Type != typeRequestor && raw.Version < minSchemeVersion {
			t.Errorf("version %d accepted", raw.Version)
		}
		if err == nil {
			raw.scheme()
		}
	})
}

func FuzzIssuerDescription(f *testing.F) {
	f.Add([]byte(`<Issuer version="4"><ID>office</ID><SchemeManager>test</SchemeManager><Name><en>Demo</en></Name><DeprecatedSince> 5 </DeprecatedSince></Issuer>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		issuer, err := parseIssuer(data, "test", "office")
		if err == nil && issuer.ID != "test.office" {
			t.Errorf("id is %q", issuer.ID)
		}
	})
}

func FuzzCredentialTypeDescription(f *testing.F) {
	const open = `<IssueSpecification version="4"><CredentialID>card</CredentialID><IssuerID>office</IssuerID><SchemeManager>test</SchemeManager>`
	f.Add([]byte(open + `<Attributes><Attribute id="a" optional="true" displayIndex="0"><Name><en>A</en></Name></Attribute></Attributes></IssueSpecification>`))
	f.Add([]byte(open + `<Attributes><Attribute id="a" randomblind="true"/><Attribute revocation="true"/></Attributes>` +
		`<RevocationServers><RevocationServer>https://r.example</RevocationServer></RevocationServers>` +
		`<Dependencies><Or><And><CredentialType>test.office.card</CredentialType></And></Or></Dependencies></IssueSpecification>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		typ, err := parseCredentialType(data, "test.office", "card")
		if err != nil {
			return
		}
		if typ.ID != "test.office.card" || len(typ.Attributes) == 0 {
			t.Errorf("type is %+v", typ)
		}
		for i, attr := range typ.Attributes {
			pos, ok := typ.AttributePosition(attr.ID)
			if attr.Revocation == ok || ok && pos != i {
				t.Errorf("attribute %d: position %d, %v", i, pos, ok)
			}
		}
		typ.RandomblindIDs()
		// Whether they are valid is of no concern here, only that they end.
		_ = checkRevocation(typ, true)
		_ = checkDependencies("test", []*CredentialType{typ})
		scheme := &folder{id: irma.SchemeID("test"), types: []*CredentialType{typ}}
		scheme.warn(&Scheme{ID: "test"})
	})
}

func FuzzPublicKey(f *testing.F) {
	addFile(f, "testdata/keys/public0.xml")
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := parsePublicKey(data)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := key.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		same, err := parsePublicKey(out.Bytes())
		if err != nil || same.N.Cmp(key.N) != 0 || len(same.R) != len(key.R) || same.Counter != key.Counter {
			t.Errorf("written again: %v", err)
		}
		// What gabi does with any key it is given.
		if key.Params == nil {
			t.Error("no parameters")
		}
		for _, name := range key.Names() {
			if key.Base(name).Sign() <= 0 {
				t.Errorf("base %s is not positive", name)
			}
		}
	})
}

func FuzzPrivateKey(f *testing.F) {
	addFile(f, "testdata/keys/private0.xml")
	f.Fuzz(func(t *testing.T, data []byte) {
		key, err := parsePrivateKey(data)
		if err != nil {
			return
		}
		if _, ok := gabikeys.DefaultSystemParameters[key.N.BitLen()]; !ok {
			t.Errorf("key of %d bits", key.N.BitLen())
		}
		var out bytes.Buffer
		if _, err := key.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		same, err := parsePrivateKey(out.Bytes())
		if err != nil || same.N.Cmp(key.N) != 0 || same.Counter != key.Counter {
			t.Errorf("written again: %v", err)
		}
	})
}

func FuzzSchemeKey(f *testing.F) {
	key, err := GenerateKey()
	if err != nil {
		f.Fatal(err)
	}
	private, err := MarshalKey(key)
	if err != nil {
		f.Fatal(err)
	}
	public, err := MarshalPublicKey(&key.PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(private)
	f.Add(public)
	f.Fuzz(func(t *testing.T, data []byte) {
		if key, err := ReadKey(data); err == nil {
			if _, err := MarshalKey(key); err != nil {
				t.Error(err)
			}
		}
		if key, err := readPublicKey(data); err == nil {
			if _, err := MarshalPublicKey(key); err != nil {
				t.Error(err)
			}
		}
		_, _ = readKeyshareKey(data)
	})
}

// FuzzNearest checks that a search for what was meant ends in something known.
func FuzzNearest(f *testing.F) {
	typ := &CredentialType{ID: "test.office.card", Attributes: []AttributeType{{ID: "name"}}}
	typ.index()
	set := newSet()
	set.addType(typ)
	f.Add("test.office.crad.nmae")
	f.Add("test.office")
	f.Add("")
	f.Fuzz(func(t *testing.T, id string) {
		switch got := set.Nearest(id); got {
		case "", "test.office.card", "test.office.card.name":
		default:
			t.Errorf("nearest to %q is %q", id, got)
		}
	})
}

func addFile(f *testing.F, name string) {
	f.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
}
