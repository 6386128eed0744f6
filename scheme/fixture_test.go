package scheme_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/irmad/irmaserver/scheme"
)

// tree is the unsigned part of a scheme: contents of files by their path below
// the scheme's folder.
type tree map[string]string

// replace changes a file and fails the test if that makes no difference.
func (t tree) replace(tb testing.TB, file, old, text string) {
	tb.Helper()
	if !strings.Contains(t[file], old) {
		tb.Fatalf("%s does not contain %q", file, old)
	}
	t[file] = strings.ReplaceAll(t[file], old, text)
}

// signed returns the scheme in a folder, with an index over all files but those
// that are never signed. It makes the signature with nothing but the standard
// library.
func (t tree) signed(tb testing.TB, dir, id string) fstest.MapFS {
	tb.Helper()
	return t.signedWith(tb, dir, t.index(id))
}

func (t tree) index(id string) string {
	var index strings.Builder
	for _, file := range slices.Sorted(maps.Keys(t)) {
		if strings.Contains(file, "PrivateKeys/") || strings.HasPrefix(file, "unsigned:") {
			continue
		}
		fmt.Fprintf(&index, "%x %s/%s\n", sha256.Sum256([]byte(t[file])), id, file)
	}
	return index.String()
}

func (t tree) signedWith(tb testing.TB, dir, index string) fstest.MapFS {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	digest := sha256.Sum256([]byte(index))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	out := fstest.MapFS{}
	add := func(name, content string) { out[dir+"/"+name] = &fstest.MapFile{Data: []byte(content)} }
	for name, content := range t {
		add(strings.TrimPrefix(name, "unsigned:"), content)
	}
	add("index", index)
	add("index.sig", string(signature))
	add("pk.pem", publicPEM(tb, &key.PublicKey))
	return out
}

func publicPEM(tb testing.TB, key any) string {
	tb.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func rsaPEM(tb testing.TB) string {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return publicPEM(tb, &key.PublicKey)
}

// merge puts the folders of several schemes side by side.
func merge(systems ...fstest.MapFS) fstest.MapFS {
	out := fstest.MapFS{}
	for _, s := range systems {
		maps.Copy(out, s)
	}
	return out
}

func keyFile(tb testing.TB, name string) string {
	tb.Helper()
	data, err := os.ReadFile("testdata/keys/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

func load(tb testing.TB, fsys fstest.MapFS) *scheme.Set {
	tb.Helper()
	set, err := scheme.Load(fsys, scheme.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

const testIssuer = "<Issuer version=\"4\"><ID>office</ID><SchemeManager>%[1]s</SchemeManager>" +
	"<Name><en>Demo Office</en><nl>Demo Kantoor</nl></Name></Issuer>"

const testCard = `<IssueSpecification version="4">
<CredentialID>card</CredentialID><IssuerID>office</IssuerID><SchemeManager>%[1]s</SchemeManager>
<Name><en>Demo Card</en><nl>Demo Kaart</nl></Name><Description><en>A card</en><nl>Een kaart</nl></Description>
<ShouldBeSingleton> true </ShouldBeSingleton>
<IssueURL><en>https://office.example/card</en></IssueURL>
<Unknown><Attribute id="decoy"/></Unknown>
<Attributes>
<Attribute id="name"><Name><en>Name</en><nl>Naam</nl></Name><Description><en>Your name</en><nl>Uw naam</nl></Description></Attribute>
<Attribute id="title" optional="true" displayIndex="1" displayHint="sensitive"><Name><en>Title</en><nl>Titel</nl></Name><Description><en>Your title</en><nl>Uw titel</nl></Description></Attribute>
</Attributes>
</IssueSpecification>`

const testBallot = `<IssueSpecification version="4">
<CredentialID>ballot</CredentialID><IssuerID>office</IssuerID><SchemeManager>%[1]s</SchemeManager>
<Name><en>Demo Ballot</en><nl>Demo Stempas</nl></Name><Description><en>A ballot</en><nl>Een stempas</nl></Description>
<Attributes>
<Attribute id="number" randomblind="true"><Name><en>N</en><nl>N</nl></Name><Description><en>N</en><nl>N</nl></Description></Attribute>
<Attribute id="election"><Name><en>E</en><nl>E</nl></Name><Description><en>E</en><nl>E</nl></Description></Attribute>
<Attribute id="code" randomblind="1"><Name><en>C</en><nl>C</nl></Name><Description><en>C</en><nl>C</nl></Description></Attribute>
</Attributes>
<Dependencies><Or><And><CredentialType>%[1]s.office.card</CredentialType></And></Or></Dependencies>
</IssueSpecification>`

const testPass = `<IssueSpecification version="4">
<CredentialID>pass</CredentialID><IssuerID>office</IssuerID><SchemeManager>%[1]s</SchemeManager>
<Name><en>Demo Pass</en><nl>Demo Pas</nl></Name><Description><en>A pass</en><nl>Een pas</nl></Description>
<RevocationServers><RevocationServer>https://office.example/revocation</RevocationServer></RevocationServers>
<Attributes>
<Attribute id="level"><Name><en>L</en><nl>L</nl></Name><Description><en>L</en><nl>L</nl></Description></Attribute>
<Attribute revocation="true"/>
</Attributes>
</IssueSpecification>`

// Paths in the tree of testScheme.
const (
	issuerFile = "office/description.xml"
	cardFile   = "office/Issues/card/description.xml"
	ballotFile = "office/Issues/ballot/description.xml"
	passFile   = "office/Issues/pass/description.xml"
)

// testScheme returns a demo scheme without problems, with keys 0 and 1.
func testScheme(tb testing.TB, id string) tree {
	tb.Helper()
	t := tree{
		"description.xml": `<SchemeManager version="7"><Id>` + id + `</Id><Url>https://schemes.example/` + id + `</Url>` +
			`<Demo>true</Demo><Name><en>Test</en><nl>Test</nl></Name><Description><en>Test</en><nl>Test</nl></Description>` +
			`<TimestampServer>https://atum.example/</TimestampServer>` +
			`<Languages><Language>en</Language><Language>nl</Language></Languages></SchemeManager>`,
		"timestamp":                "1785000000\n",
		issuerFile:                 fmt.Sprintf(testIssuer, id),
		cardFile:                   fmt.Sprintf(testCard, id),
		ballotFile:                 fmt.Sprintf(testBallot, id),
		passFile:                   fmt.Sprintf(testPass, id),
		"office/PublicKeys/0.xml":  keyFile(tb, "public0.xml"),
		"office/PublicKeys/1.xml":  keyFile(tb, "public1.xml"),
		"office/PrivateKeys/0.xml": keyFile(tb, "private0.xml"),
		"office/PrivateKeys/1.xml": keyFile(tb, "private1.xml"),
	}
	for _, dir := range []string{"office", "office/Issues/card", "office/Issues/ballot", "office/Issues/pass"} {
		t[dir+"/logo.png"] = "logo of " + dir
	}
	return t
}

// production turns the scheme of testScheme into one that is not a demo.
func production(tb testing.TB, t tree) tree {
	tb.Helper()
	t.replace(tb, "description.xml", "<Demo>true</Demo>", "")
	return t
}
