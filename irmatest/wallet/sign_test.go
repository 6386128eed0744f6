package wallet_test

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	mathbig "math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// TestSignature verifies the wallet's signature with the cryptographic library
// alone.
func TestSignature(t *testing.T) {
	t.Parallel()
	server, _ := fixture(t, wallet.Config{})
	rec := &recorder{}
	w := filled(t, server, wallet.Config{HTTPClient: rec.client()})
	url := script(t, map[string]string{
		"GET /": `{"protocolVersion":"2.8","request":{"@context":"https://irma.app/ld/request/signature/v2","context":"AQ==",
			"nonce":"Kg==","message":"I owe you everything","disclose":[[["irmad-demo.gov.root.bsn"]],[["irmad-demo.gov.ageLimits.over18"]]]}}`,
		"POST /proofs": `{"proofStatus":"VALID"}`,
	})
	outcome, err := w.Perform(t.Context(), irma.SessionPointer{URL: url, Action: irma.Signing})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]irma.AttributeTypeID{bsn, over18}, outcome.Disclosed); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
	if got := rec.requests[0].header.Get("X-IRMA-MinProtocolVersion"); got != "2.5" {
		t.Errorf("lowest version %s", got)
	}

	var body struct {
		LDContext string         `json:"@context"`
		Signature gabi.ProofList `json:"signature"`
		Indices   [][]map[string]int
		Nonce     *irma.Int
		Message   string
		Timestamp json.RawMessage
	}
	if err := json.Unmarshal([]byte(rec.requests[1].body), &body); err != nil {
		t.Fatal(err)
	}
	if body.LDContext != irma.ContextSignature || body.Message != "I owe you everything" ||
		body.Nonce.Big().Int64() != 42 || string(body.Timestamp) != "null" {
		t.Errorf("message %+v", body)
	}
	wantIndices := [][]map[string]int{{{"cred": 0, "attr": 2}}, {{"cred": 1, "attr": 4}}}
	if diff := cmp.Diff(wantIndices, body.Indices); diff != "" {
		t.Errorf("indices (-want +got):\n%s", diff)
	}
	pk, err := server.Schemes.PublicKey("irmad-demo.gov", w.Credentials()[0].KeyCounter)
	if err != nil {
		t.Fatal(err)
	}
	keys := []*gabikeys.PublicKey{pk, pk}
	if !body.Signature.Verify(keys, big.NewInt(1), boundNonce(t, 42, body.Message), true, nil) {
		t.Error("signature does not verify")
	}
	if body.Signature.Verify(keys, big.NewInt(1), boundNonce(t, 42, "I owe you nothing"), true, nil) {
		t.Error("signature verifies for another message")
	}
}

// boundNonce is the nonce of spec 12 §10.1, without timestamp.
func boundNonce(t *testing.T, nonce int64, message string) *big.Int {
	t.Helper()
	digest := sha256.Sum256([]byte(message))
	der, err := asn1.Marshal([]*mathbig.Int{mathbig.NewInt(nonce), new(mathbig.Int).SetBytes(digest[:])})
	if err != nil {
		t.Fatal(err)
	}
	digest = sha256.Sum256(der)
	return new(big.Int).SetBytes(digest[:])
}
