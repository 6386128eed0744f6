package scheme_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
)

// TestCheckRequestKeyshare issues credentials of two issuers in one session. In a
// scheme with a keyshare server that cannot be completed.
func TestCheckRequestKeyshare(t *testing.T) {
	t.Parallel()
	const refused = "cannot issue credentials of test.office and test.annex in one session: scheme test has a keyshare server"
	office, annex := credential(card, "name", "x"), credential("test.annex.card", "a0", "x")
	for name, test := range map[string]struct {
		keyshare bool
		creds    []irma.CredentialRequest
		want     string
	}{
		"two issuers":                   {false, []irma.CredentialRequest{office, annex}, ""},
		"two issuers, keyshare":         {true, []irma.CredentialRequest{office, credential(ballot, "election", "x"), annex}, refused},
		"two types of one, keyshare":    {true, []irma.CredentialRequest{office, credential(ballot, "election", "x")}, ""},
		"one of the other one keyshare": {true, []irma.CredentialRequest{annex}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := testScheme(t, "test")
			tr["annex/description.xml"] = strings.ReplaceAll(fmt.Sprintf(testIssuer, "test"), "office", "annex")
			tr["annex/Issues/card/description.xml"] = wideType("annex", "card", 1)
			tr["annex/PublicKeys/0.xml"] = keyFile(t, "public0.xml")
			tr["annex/PrivateKeys/0.xml"] = keyFile(t, "private0.xml")
			if test.keyshare {
				tr.replace(t, "description.xml", "<Demo>", "<KeyshareServer>https://keyshare.example/</KeyshareServer><Demo>")
				tr["kss-0.pem"] = rsaPEM(t)
			}
			set := load(t, tr.signed(t, "test", "test"))
			err := set.CheckRequest(irma.NewIssuanceRequest(test.creds...), now)
			if test.want == "" && err == nil {
				return
			}
			if !errors.Is(err, irma.ErrInvalidRequest) || irma.AsError(err).Message != test.want {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
