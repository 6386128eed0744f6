// Package prove makes schemes and proofs for measurements: credential types with
// any number of attributes, and proofs that cost the prover next to nothing, so
// that a load generator on the same machine takes little of it.
package prove

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// What the scheme has: per number of attributes one credential type, and several
// with the usual number.
const (
	MaxAttributes  = 20
	MaxCredentials = 5
	Attributes     = 8

	schemeID = "bench"
	issuerID = "issuer"
)

// Sized returns the credential type with this many attributes.
func Sized(attributes int) string {
	return fmt.Sprintf("%s.%s.sized%d", schemeID, issuerID, attributes)
}

// Nth returns one of the credential types with the usual number of attributes,
// counted from 0.
func Nth(n int) string { return fmt.Sprintf("%s.%s.nth%d", schemeID, issuerID, n) }

// WriteScheme writes the scheme into a folder of dir and signs it. Its issuer has
// the numbers of the demo scheme's, 2048 bits, and as many bases as are needed.
func WriteScheme(dir string) error {
	root := filepath.Join(dir, schemeID)
	if err := writeKeys(filepath.Join(root, issuerID)); err != nil {
		return err
	}
	files := map[string]string{
		filepath.Join(root, "description.xml"):           schemeXML,
		filepath.Join(root, issuerID, "description.xml"): issuerXML,
	}
	for n := 1; n <= MaxAttributes; n++ {
		addType(files, root, Sized(n), n)
	}
	for n := range MaxCredentials {
		addType(files, root, Nth(n), Attributes)
	}
	logo, err := demoLogo()
	if err != nil {
		return err
	}
	for _, name := range slices.Collect(maps.Keys(files)) {
		if dir := filepath.Dir(name); dir != root {
			files[filepath.Join(dir, "logo.png")] = logo
		}
	}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	key, err := scheme.GenerateKey()
	if err != nil {
		return err
	}
	return scheme.Sign(root, key, time.Now())
}

func demoLogo() (string, error) {
	files, err := demo.FS()
	if err != nil {
		return "", err
	}
	logo, err := fs.ReadFile(files, "irmad-demo/gov/logo.png")
	return string(logo), err
}

func addType(files map[string]string, root, id string, attributes int) {
	name := id[strings.LastIndex(id, ".")+1:]
	var list strings.Builder
	for i := range attributes {
		fmt.Fprintf(&list, attributeXML, AttributeName(i), text("Attribute"), text("Attribute"))
	}
	files[filepath.Join(root, issuerID, "Issues", name, "description.xml")] = fmt.Sprintf(typeXML, name, list.String())
}

// AttributeName returns the name of an attribute, counted from 0.
func AttributeName(i int) string { return fmt.Sprintf("attr%d", i+1) }

// writeKeys writes the key pair of the demo scheme's issuer with more bases,
// which are powers of its S.
func writeKeys(dir string) error {
	set, err := demo.Set()
	if err != nil {
		return err
	}
	private, err := set.PrivateKey("irmad-demo.gov", 0)
	if err != nil {
		return err
	}
	public, err := set.PublicKey("irmad-demo.gov", 0)
	if err != nil {
		return err
	}
	bases := append([]*big.Int{}, public.R...)
	for len(bases) < MaxAttributes+2 {
		exponent, err := big.RandInt(rand, private.N)
		if err != nil {
			return err
		}
		bases = append(bases, new(big.Int).Exp(public.S, exponent, public.N))
	}
	wide, err := gabikeys.NewPublicKey(public.N, public.Z, public.S, public.G, public.H, bases, public.ECDSAString, 0, time.Unix(public.ExpiryDate, 0))
	if err != nil {
		return err
	}
	for _, folder := range []string{"PublicKeys", "PrivateKeys"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	if _, err := wide.WriteToFile(filepath.Join(dir, "PublicKeys", "0.xml"), true); err != nil {
		return err
	}
	_, err = private.WriteToFile(filepath.Join(dir, "PrivateKeys", "0.xml"), true)
	return err
}

func text(s string) string { return "<en>" + s + "</en><nl>" + s + "</nl>" }

var (
	schemeXML = `<SchemeManager version="7"><Id>` + schemeID + `</Id><Url>https://irmad.example/schemes/bench</Url><Demo>true</Demo>` +
		`<Name>` + text("Benchmarks") + `</Name><Description>` + text("For measurements") + `</Description>` +
		`<Contact>https://irmad.example</Contact></SchemeManager>`
	issuerXML = `<Issuer version="4"><ID>` + issuerID + `</ID><SchemeManager>` + schemeID + `</SchemeManager>` +
		`<Name>` + text("Issuer") + `</Name><ShortName>` + text("Issuer") + `</ShortName>` +
		`<ContactAddress>irmad.example</ContactAddress><ContactEMail>bench@irmad.example</ContactEMail></Issuer>`
	typeXML = `<IssueSpecification version="4"><CredentialID>%s</CredentialID><IssuerID>` + issuerID + `</IssuerID>` +
		`<SchemeManager>` + schemeID + `</SchemeManager><Name>` + text("Type") + `</Name><ShortName>` + text("Type") + `</ShortName>` +
		`<Description>` + text("For measurements") + `</Description><Attributes>%s</Attributes></IssueSpecification>`
)

const attributeXML = `<Attribute id="%s"><Name>%s</Name><Description>%s</Description></Attribute>`
