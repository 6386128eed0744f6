package interop_test

import (
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// irmad runs a command of irmad.
func irmad(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), buildTimeout)
	defer cancel()
	if _, err := output(exec.CommandContext(ctx, server.binary, args...)); err != nil {
		t.Fatal(err)
	}
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// dot is the smallest of logos.
func dot(t *testing.T) string {
	t.Helper()
	png, err := base64.StdEncoding.DecodeString(
		"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	return string(png)
}

// ownScheme is a scheme for real, not for demonstration.
func ownScheme(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"description.xml": `<SchemeManager version="7"><Id>club</Id><Url>https://schemes.example/club</Url>
<Name><en>Club</en></Name><Description><en>Our club</en></Description><Languages><Language>en</Language></Languages></SchemeManager>`,
		"board/description.xml": `<Issuer version="4"><ID>board</ID><SchemeManager>club</SchemeManager><Name><en>Board</en></Name></Issuer>`,
		"board/logo.png":        dot(t),
		"board/Issues/member/description.xml": `<IssueSpecification version="4">
<CredentialID>member</CredentialID><IssuerID>board</IssuerID><SchemeManager>club</SchemeManager>
<Name><en>Member</en></Name><Description><en>A member</en></Description>
<Attributes>
<Attribute id="name"><Name><en>Name</en></Name><Description><en>Name</en></Description></Attribute>
<Attribute id="role" optional="true"><Name><en>Role</en></Name><Description><en>Role</en></Description></Attribute>
</Attributes></IssueSpecification>`,
		"board/Issues/member/logo.png": dot(t),
	}
}

// A scheme made with nothing but irmad, its keys included, is one that the existing
// wallet installs, gets a credential of, and discloses that.
func TestOwnScheme(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	schemes, key := filepath.Join(dir, "schemes"), filepath.Join(dir, "sk.pem")
	writeFiles(t, filepath.Join(schemes, "club"), ownScheme(t))
	board := filepath.Join(schemes, "club", "board")
	irmad(t, "issuer", "keygen", "--keylength", "1024", board)
	irmad(t, "issuer", "keygen", board) // the one to issue with
	irmad(t, "scheme", "keygen", "-s", key, "-p", filepath.Join(dir, "pk.pem"))
	irmad(t, "scheme", "sign", key, filepath.Join(schemes, "club"))

	p, err := start(server.binary, dir, schemes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if log := p.stop(); t.Failed() {
			t.Logf("irmad wrote:\n%s", log)
		}
	})
	w := p.newWallet(t)
	status := w.client.Configuration.SchemeManagers[irma.NewSchemeManagerIdentifier("club")].Status
	if status != irma.SchemeManagerStatusValid {
		t.Fatalf("the wallet finds the scheme %s", status)
	}
	w.perform(p.startSession(t, `{"@context": "https://irma.app/ld/request/issuance/v2",
		"credentials": [{"credential": "club.board.member", "attributes": {"name": "Ada"}}]}`))
	want := map[string]string{"club.board.member.name": "Ada"}
	if diff := cmp.Diff(want, w.credentials()); diff != "" {
		t.Errorf("the wallet's credentials (-want +got):\n%s", diff)
	}
	key1, err := w.client.Configuration.PublicKey(irma.NewIssuerIdentifier("club.board"), 1)
	if err != nil || key1 == nil || key1.N.BitLen() != 2048 {
		t.Errorf("the wallet has key 1 %+v, error %v", key1, err)
	}
	s := p.startSession(t, `{"@context": "https://irma.app/ld/request/disclosure/v2",
		"disclose": [[["club.board.member.name", "club.board.member.role"]]]}`)
	w.perform(s)
	checkResult(t, "result", valid(s.Token, irma.ActionDisclosing,
		[]disclosedAttribute{present("club.board.member.name", "Ada"), null("club.board.member.role")}), s.result(t))
}

// A requestor scheme that irmad signs is one that the existing wallet shows names
// of.
func TestOwnRequestorScheme(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	people, key := filepath.Join(dir, "schemes", "people"), filepath.Join(dir, "sk.pem")
	writeFiles(t, people, map[string]string{
		"description.json": `{"id":"people","schemetype":"requestor","url":"https://schemes.example/people","languages":["en"]}`,
		"all.json":         `[{"id":"people.shop","scheme":"people","name":{"en":"Shop"},"hostnames":["shop.example"],"languages":["en"]}]`,
	})
	irmad(t, "scheme", "keygen", "-s", key, "-p", filepath.Join(dir, "pk.pem"))
	irmad(t, "scheme", "sign", key, people)
	conf, err := irma.NewConfiguration(filepath.Dir(people), irma.ConfigurationOptions{IgnorePrivateKeys: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := conf.ParseFolder(); err != nil {
		t.Fatal(err)
	}
	shop := conf.Requestors["shop.example"]
	if shop == nil || shop.Name["en"] != "Shop" {
		t.Errorf("the wallet knows %+v", shop)
	}
}

// The schemes that the wallet's module has for testing are valid to irmad too.
func TestVerifyWalletSchemes(t *testing.T) {
	t.Parallel()
	schemes, err := walletSchemes()
	if err != nil {
		t.Fatal(err)
	}
	irmad(t, "scheme", "verify", schemes)
	irmad(t, "scheme", "verify", schemes+"_updated")
}
