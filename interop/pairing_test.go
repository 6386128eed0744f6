package interop_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// With pairing, the wallet learns what is asked only after its user has typed
// the wallet's code into the page that shows the QR code.

const enablePairing = `{"@context": "https://irma.app/ld/request/frontendoptions/v1", "pairingMethod": "pin"}`

func TestPairing(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`))
	c := scanWithPairing(t, w, s)

	s.frontend(t, "pairingcompleted", "", nil)
	c.agree(c.question())
	c.mustEnd(succeeded)
	want := sessionResult{
		Token:       s.Token,
		Status:      irma.ServerStatusDone,
		Type:        irma.ActionDisclosing,
		ProofStatus: irma.ProofStatusValid,
		Disclosed:   [][]disclosedAttribute{{present("irma-demo.MijnOverheid.fullName.firstname", "Anna")}},
	}
	if diff := cmp.Diff(want, s.result(t), ignoreIssuanceTime); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestPairingRejected(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, disclosureRequest(`[[["irma-demo.MijnOverheid.fullName.firstname"]]]`))
	c := scanWithPairing(t, w, s)

	call(t, http.MethodDelete, s.Pointer.URL, "", "", nil) // as pages do on a wrong code
	if e := c.mustEnd(failed); e.err.ErrorType != irma.ErrorPairingRejected {
		t.Errorf("session %s, want %s", e, irma.ErrorPairingRejected)
	}
	checkCancelled(t, s, irma.ActionDisclosing)
}

// scanWithPairing starts a session up to where the user types the code, and
// checks that wallet and page have the same one.
func scanWithPairing(t *testing.T, w *wallet, s *requestorSession) *clientSession {
	t.Helper()
	var options struct {
		PairingCode string `json:"pairingCode"`
	}
	s.frontend(t, "options", enablePairing, &options)
	if options.PairingCode == "" {
		t.Fatal("page got no pairing code")
	}
	c := w.scan(s)
	if code := c.pairingCode(); code != options.PairingCode {
		t.Fatalf("wallet shows code %q, page has %q", code, options.PairingCode)
	}
	if got := s.result(t).Status; got != irma.ServerStatusPairing {
		t.Errorf("status is %s, want %s", got, irma.ServerStatusPairing)
	}
	return c
}
