package irmaserver_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// sign lets a wallet sign a message and returns the request with which the
// server asked for that, and the result.
func sign(t *testing.T, s *site) (*irma.SessionRequest, *irma.SessionResult) {
	t.Helper()
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, personalData)
	session := s.Start(t, irma.NewSignatureRequest("I owe you everything", "irmad-demo.gov.personalData.familyName"))
	outcome, err := w.Perform(t.Context(), session.SessionPtr)
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.Irma.Result(t.Context(), session.Token)
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Request, result
}

func TestSignatureSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, result := sign(t, s)
	if result.Type != irma.Signing || result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
		t.Fatalf("got %s %s %s", result.Type, result.Status, result.ProofStatus)
	}
	want := [][]attribute{{{"irmad-demo.gov.personalData.familyName", "Stuivezand", irma.AttributePresent}}}
	if diff := cmp.Diff(want, attributes(result)); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
	if result.Signature == nil || result.Signature.Message != "I owe you everything" {
		t.Errorf("signature is %+v", result.Signature)
	}
}

// TestVerifySignature verifies a signature that was stored as JSON, as an
// application would years later.
func TestVerifySignature(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request, result := sign(t, s)
	asked := irma.NewSignatureRequest("I owe you everything", "irmad-demo.gov.personalData.familyName")
	stored, err := json.Marshal(result.Signature)
	if err != nil {
		t.Fatal(err)
	}
	otherMessage := *request
	otherMessage.Message = "I owe you nothing"
	otherAttribute := *request
	otherAttribute.Disclose = irma.NewDisclosureRequest("irmad-demo.gov.personalData.city").Disclose
	tests := map[string]struct {
		request *irma.SessionRequest
		change  func(*irma.SignedMessage)
		want    irma.ProofStatus
	}{
		"alone":                   {want: irma.ProofValid},
		"for its request":         {request: request, want: irma.ProofValid},
		"for it as it was asked":  {request: asked, want: irma.ProofValid},
		"for another message":     {request: &otherMessage, want: irma.ProofUnmatchedRequest},
		"for another attribute":   {request: &otherAttribute, want: irma.ProofMissingAttributes},
		"message changed":         {change: func(m *irma.SignedMessage) { m.Message += "!" }, want: irma.ProofInvalid},
		"message changed, match":  {request: request, change: func(m *irma.SignedMessage) { m.Message += "!" }, want: irma.ProofUnmatchedRequest},
		"nonce changed":           {change: func(m *irma.SignedMessage) { m.Nonce = irma.NewInt(1) }, want: irma.ProofInvalid},
		"no proofs":               {change: func(m *irma.SignedMessage) { m.Signature = nil }, want: irma.ProofInvalid},
		"attribute value changed": {change: func(m *irma.SignedMessage) { m.Signature[0].D.ADisclosed[4] = irma.NewInt(3) }, want: irma.ProofInvalid},
	}
	for name, test := range tests {
		signature, err := irma.ParseSignedMessage(stored)
		if err != nil {
			t.Fatal(err)
		}
		if test.change != nil {
			test.change(signature)
		}
		got, err := s.Irma.VerifySignature(t.Context(), signature, test.request)
		if err != nil || got.Status != test.want {
			t.Errorf("%s: got %+v, %v; want %s", name, got, err, test.want)
		}
	}
}
