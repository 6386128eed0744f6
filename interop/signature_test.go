package interop_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

const (
	bsnAttribute = "irma-demo.MijnOverheid.singleton.BSN"
	promise      = "I owe you everything: 100 € & <more>"
)

// signatureRequest asks for promise to be signed with the BSN.
const signatureRequest = `{"@context": "https://irma.app/ld/request/signature/v2",
	"message": "` + promise + `", "disclose": [[["` + bsnAttribute + `"]]]}`

func TestSignature(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, signatureRequest)
	before := time.Now().Unix()
	c := w.scan(s)
	q := c.question()
	request, ok := q.request.(*irma.SignatureRequest)
	if !ok || request.Message != promise {
		t.Fatalf("wallet is asked for something else: %+v", q.request)
	}
	c.agree(q)
	c.mustEnd(succeeded)

	got := s.result(t)
	signature := got.Signature
	got.Signature = nil
	if diff := cmp.Diff(signed(s), got, ignoreIssuanceTime); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if signature == nil || signature.Message != promise {
		t.Fatalf("result has not the signature: %+v", signature)
	}
	if ts := signature.Timestamp; ts == nil || ts.ServerUrl != stamper.url() || ts.Time < before {
		t.Errorf("signature has the timestamp %+v, want one by %s from now", ts, stamper.url())
	}
	verifySignature(t, server, signature, request, irma.ProofStatusInvalidTimestamp)
}

// signed is the result of signatureRequest, without the signature.
func signed(s *requestorSession) sessionResult {
	return sessionResult{
		Token:       s.Token,
		Status:      irma.ServerStatusDone,
		Type:        irma.ActionSigning,
		ProofStatus: irma.ProofStatusValid,
		Disclosed:   [][]disclosedAttribute{{present(bsnAttribute, "299792458")}},
	}
}

// verifySignature has the wallet's module and irmad judge a signature as it came
// out of the result, with and without the request that it answers, and one whose
// message was changed.
func verifySignature(t *testing.T, p *process, signature *irma.SignedMessage, request *irma.SignatureRequest, spoiled irma.ProofStatus) {
	t.Helper()
	changed := *signature
	changed.Message += "!"
	for name, test := range map[string]struct {
		signature *irma.SignedMessage
		request   *irma.SignatureRequest
		want      irma.ProofStatus
	}{
		"with request":        {signature, request, irma.ProofStatusValid},
		"without request":     {signature, nil, irma.ProofStatusValid},
		"changed":             {&changed, request, irma.ProofStatusUnmatchedRequest},
		"changed, no request": {&changed, nil, spoiled},
	} {
		t.Run(name, func(t *testing.T) {
			verifyByModule(t, p, test.signature, test.request, test.want)
			verifyByCommand(t, p, test.signature, test.request, test.want)
		})
	}
}

// verifyByModule has the wallet's module judge a signature.
func verifyByModule(t *testing.T, p *process, signature *irma.SignedMessage, request *irma.SignatureRequest, want irma.ProofStatus) {
	t.Helper()
	disclosed, status, err := signature.Verify(p.configuration(t), request)
	if err != nil || status != want {
		t.Errorf("verification says %s (%v), want %s", status, err, want)
	}
	if want != irma.ProofStatusValid {
		return
	}
	if len(disclosed) != 1 || len(disclosed[0]) != 1 || disclosed[0][0].RawValue == nil || *disclosed[0][0].RawValue != "299792458" {
		t.Errorf("signature discloses %+v", disclosed)
	}
}

// A signature need not have a timestamp. Wallets always ask for one but go on
// if the answer contains none.
func TestSignatureWithoutTimestamp(t *testing.T) {
	t.Parallel()
	ts := anotherTimestamps(t)
	ts.instead = says(http.StatusOK, "{}")
	p := anotherServer(t, ts.url())
	w := p.newCitizen(t)
	s := p.startSession(t, signatureRequest)
	c := w.scan(s)
	q := c.question()
	c.agree(q)
	c.mustEnd(succeeded)

	got := s.result(t)
	signature := got.Signature
	got.Signature = nil
	if diff := cmp.Diff(signed(s), got, ignoreIssuanceTime); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if signature == nil || signature.Timestamp != nil {
		t.Fatalf("result has no signature without timestamp: %+v", signature)
	}
	verifySignature(t, p, signature, q.request.(*irma.SignatureRequest), irma.ProofStatusInvalid)
}

func TestSignatureRefused(t *testing.T) {
	t.Parallel()
	w := newCitizen(t)
	s := startSession(t, signatureRequest)
	c := w.scan(s)
	c.refuse(c.question())
	c.mustEnd(cancelled)
	checkCancelled(t, s, irma.ActionSigning)
}

// A timestamp that cannot be relied on makes the signature worthless.
func TestSignatureBadTimestamp(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*timestamps){
		"key is not the server's": func(ts *timestamps) { ts.trusted = false },
		"long before the session": func(ts *timestamps) { ts.clock = func() time.Time { return time.Now().AddDate(0, -1, 0) } },
		"in the future":           func(ts *timestamps) { ts.clock = func() time.Time { return time.Now().Add(time.Hour) } },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ts := anotherTimestamps(t)
			spoil(ts)
			p := anotherServer(t, ts.url())
			w := p.newCitizen(t)
			s := p.startSession(t, signatureRequest)
			c := w.scan(s)
			c.agree(c.question())
			if e := c.mustEnd(failed); e.err.ErrorType != irma.ErrorRejected {
				t.Errorf("session %s, want %s", e, irma.ErrorRejected)
			}
			got := s.result(t)
			if got.Status != irma.ServerStatusDone || got.ProofStatus != irma.ProofStatusInvalidTimestamp {
				t.Errorf("result is %s %s, want %s %s", got.Status, got.ProofStatus,
					irma.ServerStatusDone, irma.ProofStatusInvalidTimestamp)
			}
		})
	}
}

// A wallet that cannot get a timestamp does not sign.
func TestSignatureNoTimestampServer(t *testing.T) {
	t.Parallel()
	broken := anotherTimestamps(t)
	broken.instead = says(http.StatusInternalServerError, "out of ink")
	tests := map[string]string{
		"broken":         broken.url(),
		"not in schemes": "",
	}
	for name, url := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := anotherServer(t, url)
			w := p.newCitizen(t)
			s := p.startSession(t, signatureRequest)
			c := w.scan(s)
			c.agree(c.question())
			if e := c.mustEnd(failed); e.err.ErrorType != irma.ErrorCrypto {
				t.Errorf("session %s, want %s", e, irma.ErrorCrypto)
			}
			checkCancelled(t, s, irma.ActionSigning)
		})
	}
}
