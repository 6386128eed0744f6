package scheme

import (
	"encoding/xml"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme/internal/plainxml"
)

// comparePlain reads a document in both ways, and reports whether the fast one did.
// What that reads must be the same.
func comparePlain[T any, P plainReader[T]](t *testing.T, data []byte) bool {
	t.Helper()
	got, want, r := new(T), new(T), plainxml.New(data)
	if P(got).readPlain(r); !r.OK() {
		return false
	}
	if err := xml.Unmarshal(data, want); err != nil {
		t.Fatalf("%T is read from what is no XML: %v\n%q", got, err, data)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%T differs (-want +got):\n%s\n%q", got, cmp.Diff(want, got), data)
	}
	return true
}

// compareAll does so for everything that is read from XML.
func compareAll(t *testing.T, data []byte) (plain bool) {
	t.Helper()
	for _, compare := range []func(*testing.T, []byte) bool{
		comparePlain[schemeXML], comparePlain[issuerXML], comparePlain[credentialXML],
		comparePlain[publicKeyXML], comparePlain[privateKeyXML],
	} {
		if compare(t, data) {
			plain = true
		}
	}
	return plain
}

const plainCredential = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a type -->
<IssueSpecification version="4" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:x="y">
	<Name><en>A &lt;name&gt; &amp; more</en><nl>Naam<b>x</b> rest</nl><nl/></Name>
	<Name><fr>Caf` + "\u00e9" + `</fr></Name>
	<SchemeManager>s</SchemeManager><IssuerID>i</IssuerID><CredentialID>c</CredentialID>
	<ShouldBeSingleton> true </ShouldBeSingleton>
	<Unknown a="b"><Deep>text</Deep></Unknown>
	<Attributes>
		<Attribute id="a" optional="true" displayIndex="2" displayHint="portraitPhoto"><Name><en>A</en></Name></Attribute>
		<Attribute id="b" randomblind="true" revocation="0"/>
	</Attributes>
	<RevocationServers><RevocationServer>https://example.com</RevocationServer></RevocationServers>
	<RevocationUpdateCount>7</RevocationUpdateCount><RevocationUpdateSpeed>8</RevocationUpdateSpeed>
	<DeprecatedSince> 12 </DeprecatedSince>
	<Dependencies><Or><And><CredentialType>s.i.d</CredentialType><CredentialType>s.i.e</CredentialType></And><And/></Or><Or/></Dependencies>
	<Languages><Language>en</Language><Language>nl</Language></Languages>
</IssueSpecification> and anything`

// What schemes have is read fast.
func TestPlain(t *testing.T) {
	t.Parallel()
	if !comparePlain[credentialXML](t, []byte(plainCredential)) {
		t.Error("the example is not read fast")
	}
	files := 0
	err := filepath.WalkDir(filepath.Join("demo", "schemes"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".xml") {
			return err
		}
		data, err := os.ReadFile(path)
		if files++; err == nil && !compareAll(t, data) {
			t.Errorf("%s is not read fast", path)
		}
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%d files of the demo scheme: %v", files, err)
	}
}

// What is not plain is read by encoding/xml, or refused by it.
func TestNotPlain(t *testing.T) {
	t.Parallel()
	for _, change := range [][2]string{
		{"</IssueSpecification>", ""},
		{"</CredentialID>", "</Credential>"},
		{"&amp;", "&unknown;"},
		{"&amp;", "&#38;"},
		{"&amp;", "<![CDATA[&]]>"},
		{"&amp;", "]]>"},
		{"&amp;", "\x01"},
		{"&amp;", "\r"},
		{"&amp;", "\xff"},
		{"&amp;", "\uffff"},
		{"<!-- a type -->", "<!-- a -- type -->"},
		{"<!-- a type -->", "<!DOCTYPE x>"},
		{"<Unknown ", `<Unknown xmlns="urn:x" `},
		{"<Unknown ", `<Unknown a="c" `},
		{"<Unknown ", `<Unknown a='c' `},
		{"<Unknown ", `<Unknown c `},
		{"<Deep>", "<x:Deep>"},
		{"<Deep>", strings.Repeat("<Deep>", 1000)},
		{"UTF-8", "latin1"},
		{`version="1.0"`, `version="1.1"`},
		{" true ", "yes"},
		{" 12 ", "today"},
		{">7<", ">-7<"},
		{`displayIndex="2"`, `displayIndex=" 2"`},
		{`version="4"`, `version="four"`},
		{`xsi:x="y"`, `xsi:xmlns="y"`},
	} {
		data := []byte(strings.Replace(plainCredential, change[0], change[1], 1))
		if string(data) == plainCredential {
			t.Fatalf("%q is not in the example", change[0])
		}
		if comparePlain[credentialXML](t, data) {
			t.Errorf("%q in place of %q is read fast", change[1], change[0])
		}
		want := new(credentialXML)
		got, err := unmarshal[credentialXML](data)
		if wantErr := xml.Unmarshal(data, want); errorText(err) != errorText(wantErr) || !reflect.DeepEqual(got, want) {
			t.Errorf("%q in place of %q: %v, want %v", change[1], change[0], err, wantErr)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzPlain looks for documents in which fast reading finds something else than
// encoding/xml.
func FuzzPlain(f *testing.F) {
	f.Add([]byte(plainCredential))
	f.Add([]byte(`<SchemeManager version="7"><Id>s</Id><Url>u</Url><Demo>1</Demo><Name><en>N</en></Name><SchemeType>issuer</SchemeType></SchemeManager>`))
	f.Add([]byte(`<Issuer version="4"><ID>i</ID><SchemeManager>s</SchemeManager><ContactEMail>a@b</ContactEMail><DeprecatedSince/></Issuer>`))
	f.Add([]byte(`<IssuerPublicKey xmlns="` + keyNamespace + `"><Counter>1</Counter><ExpiryDate>2</ExpiryDate><Elements><n>3</n><Bases num="1"><Base_0>4</Base_0></Bases></Elements></IssuerPublicKey>`))
	f.Add([]byte(`<IssuerPrivateKey xmlns="` + keyNamespace + `"><Elements><p>3</p><q>5</q><pPrime>1</pPrime><qPrime>2</qPrime></Elements></IssuerPrivateKey>`))
	f.Fuzz(func(t *testing.T, data []byte) { compareAll(t, data) })
}
