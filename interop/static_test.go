package interop_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// visits receives the results of the static session. It is opened before irmad
// starts, as irmad is told of static sessions by its configuration.
var visits *page

// staticSessions returns the configuration of static sessions.
func staticSessions() (string, error) {
	visits = site.open(nil)
	out, err := json.Marshal(map[string]any{"Visit": map[string]any{
		"callbackUrl": visits.url,
		"request":     json.RawMessage(disclosureRequest(`[[["irma-demo.MijnOverheid.singleton.BSN"]]]`)),
	}})
	return string(out), err
}

// A printed QR code names no session; every wallet that scans it gets one of
// its own.
func TestStaticSession(t *testing.T) {
	t.Parallel()
	printed := irma.Qr{Type: irma.ActionRedirect, URL: server.url + "/irma/session/Visit"}
	first, second := newCitizen(t), newCitizen(t)
	one, other := first.scanCode(printed), second.scanCode(printed)
	question1, question2 := one.question(), other.question()
	if question1.request.Base().Nonce.Cmp(question2.request.Base().Nonce) == 0 {
		t.Error("two sessions have one nonce")
	}
	one.agree(question1)
	one.mustEnd(succeeded)
	got1 := visits.only(t).result(t)
	other.agree(question2)
	other.mustEnd(succeeded)
	got2 := visits.only(t).result(t)

	for _, got := range []sessionResult{got1, got2} {
		want := sessionResult{
			Token:       got.Token,
			Status:      irma.ServerStatusDone,
			Type:        irma.ActionDisclosing,
			ProofStatus: irma.ProofStatusValid,
			Disclosed:   [][]disclosedAttribute{{present("irma-demo.MijnOverheid.singleton.BSN", "299792458")}},
		}
		if diff := cmp.Diff(want, got, ignoreIssuanceTime); diff != "" {
			t.Errorf("posted result (-want +got):\n%s", diff)
		}
	}
	if got1.Token == got2.Token || got1.Token == "" {
		t.Errorf("sessions have the tokens %q and %q", got1.Token, got2.Token)
	}
}

func TestStaticSessionUnknown(t *testing.T) {
	t.Parallel()
	c := newWallet(t).scanCode(irma.Qr{Type: irma.ActionRedirect, URL: server.url + "/irma/session/Nothing"})
	if e := c.mustEnd(failed); !strings.Contains(e.err.Error(), "unknown static session") {
		t.Errorf("session %s, want the server's answer", e)
	}
}
