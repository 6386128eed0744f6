package schemecmd_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/schemetest"
)

// TestSchemeVerifyKeys checks what the latest key of an issuer must be good for.
func TestSchemeVerifyKeys(t *testing.T) {
	t.Parallel()
	const key, root = "gov/PublicKeys/0.xml", "gov/Issues/root/description.xml"
	expires := func(at time.Time) func(*schemetest.Publisher) {
		return func(p *schemetest.Publisher) {
			p.Write(key, expiryDate.ReplaceAllString(p.Read(key), "<ExpiryDate>"+strconv.FormatInt(at.Unix(), 10)+"</ExpiryDate>"))
		}
	}
	attribute := func(p *schemetest.Publisher, text string) {
		p.Write(root, strings.Replace(p.Read(root), "</Attributes>", text+"</Attributes>", 1))
	}
	soon, gone := time.Now().AddDate(0, 0, 20), time.Now().AddDate(0, 0, -1)
	for name, test := range map[string]struct {
		change func(*schemetest.Publisher)
		status int
		want   string // on the standard error; empty if nothing is to be there
	}{
		"good": {func(*schemetest.Publisher) {}, cli.ExitOK, ""},
		"too many attributes": {func(p *schemetest.Publisher) {
			for i := range 18 {
				attribute(p, fmt.Sprintf(`<Attribute id="a%d"><Name><en>A</en><nl>A</nl></Name><Description><en>A</en><nl>A</nl></Description></Attribute>`, i))
			}
		}, cli.ExitFailed, "club.gov.root has 19 attributes, and public key club.gov-0 can sign 18: make another key"},
		"revocation": {func(p *schemetest.Publisher) {
			attribute(p, `<Attribute revocation="true"/>`)
			p.Write(root, strings.Replace(p.Read(root), "<Attributes>", "<RevocationServers><RevocationServer>https://club.example/revocation</RevocationServer></RevocationServers><Attributes>", 1))
			p.Write(key, regexp.MustCompile(`<ECDSA>.*</ECDSA>`).ReplaceAllString(p.Read(key), ""))
		}, cli.ExitFailed, "club.gov.root supports revocation, and public key club.gov-0 does not"},
		"expired":      {expires(gone), cli.ExitOK, "warning: the latest key of the issuer, public key club.gov-0, expired on " + gone.UTC().Format(time.DateOnly)},
		"expires soon": {expires(soon), cli.ExitOK, "warning: the latest key of the issuer, public key club.gov-0, expires on " + soon.UTC().Format(time.DateOnly)},
		"expired, deprecated": {func(p *schemetest.Publisher) {
			expires(gone)(p)
			const issuer = "gov/description.xml"
			p.Write(issuer, strings.Replace(p.Read(issuer), "</Issuer>", "<DeprecatedSince>1700000000</DeprecatedSince></Issuer>", 1))
		}, cli.ExitOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := schemetest.NewPublisher(t, "club")
			test.change(p)
			p.Publish()
			tl := tool{t, t.TempDir()}
			_, stderr := tl.run(test.status, "scheme", "verify", p.Dir)
			if !strings.Contains(stderr, test.want) || test.want == "" && stderr != "" {
				t.Errorf("want %q, got\n%s", test.want, stderr)
			}
		})
	}
}

var expiryDate = regexp.MustCompile(`<ExpiryDate>[0-9]+</ExpiryDate>`)
