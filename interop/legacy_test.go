package interop_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// Requests without @context are of the time before condiscons. Their senders
// expect one list of attributes.
func TestLegacyRequest(t *testing.T) {
	t.Parallel()
	const attributes = `[
		{"label": "Name", "attributes": ["irma-demo.RU.studentCard.university", "` + firstnameAttribute + `"]},
		{"label": "Number", "attributes": {"` + bsnAttribute + `": "299792458"}}]`
	tests := map[string]struct {
		request string
		action  irma.Action
	}{
		"disclosure": {`{"type": "disclosing", "content": ` + attributes + `}`, irma.ActionDisclosing},
		"extended":   {`{"validity": 60, "request": {"type": "disclosing", "content": ` + attributes + `}}`, irma.ActionDisclosing},
		"signature":  {`{"type": "signing", "message": "` + promise + `", "content": ` + attributes + `}`, irma.ActionSigning},
		"issuance": {`{"type": "issuing", "disclose": ` + attributes + `, "credentials": [
			{"credential": "irma-demo.stemmen.stempas", "attributes": {"election": "council"}}]}`, irma.ActionIssuing},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newCitizen(t)
			s := startSession(t, test.request)
			c := w.scan(s)
			q := c.question()
			if got := q.request.Disclosure().Labels[1]["en"]; got != "Number" {
				t.Errorf("wallet shows the label %q, want %q", got, "Number")
			}
			c.agree(q)
			c.mustEnd(succeeded)
			if got := s.Pointer.Type; got != test.action {
				t.Errorf("QR code is for %s, want %s", got, test.action)
			}

			var got struct {
				Status      irma.ServerStatus
				ProofStatus irma.ProofStatus
				Disclosed   json.RawMessage
			}
			call(t, http.MethodGet, s.server.url+"/session/"+s.Token+"/result", "", "", &got)
			if got.Status != irma.ServerStatusDone || got.ProofStatus != irma.ProofStatusValid {
				t.Errorf("result is %s %s", got.Status, got.ProofStatus)
			}
			var flat []disclosedAttribute
			if err := json.Unmarshal(got.Disclosed, &flat); err != nil {
				t.Fatalf("decoding disclosed attributes: %v: %s", err, got.Disclosed)
			}
			want := []disclosedAttribute{present(firstnameAttribute, "Anna"), present(bsnAttribute, "299792458")}
			if diff := cmp.Diff(want, flat, ignoreIssuanceTime); diff != "" {
				t.Errorf("disclosed (-want +got):\n%s", diff)
			}
		})
	}
}
