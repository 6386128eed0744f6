package irma_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func TestPairingHint(t *testing.T) {
	t.Parallel()
	value := "x"
	for _, test := range []struct {
		name string
		req  irma.Request
		want bool
	}{
		{"disclosure", irma.NewDisclosureRequest("a.b.c.d"), false},
		{"not null", &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{{{{Type: "a.b.c.d", NotNull: true}}}}}, false},
		{"optional value", &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{{{{Type: "a.b.c.d"}}}, {{}, {{Type: "a.b.c.d", Value: &value}}}}}, true},
		{"signature", irma.NewSignatureRequest("m", "a.b.c.d"), true},
		{"issuance", irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "a.b.c"}), true},
		{"empty next session", &irma.ExtendedRequest{NextSession: &irma.NextSession{}, Request: irma.NewDisclosureRequest("a.b.c.d")}, false},
		{"next session", &irma.ExtendedRequest{NextSession: &irma.NextSession{URL: "https://x"}, Request: irma.NewDisclosureRequest("a.b.c.d")}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.req.Extended().PairingHint(); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// fullRequest has something in every field.
func fullRequest() *irma.SessionRequest {
	value := "secret value"
	return &irma.SessionRequest{
		LDContext: irma.ContextIssuanceRequest, Context: irma.NewInt(1), Nonce: irma.NewInt(77),
		ProtocolVersion: &irma.Version{Major: 2, Minor: 8},
		Revocation: irma.RevocationRequests{"a.b.c": {Tolerance: 5, Updates: map[uint]*irma.RevocationUpdate{2: {
			Accumulator: &irma.SignedAccumulator{Data: []byte{1, 2}, PKCounter: 2},
			Events:      &irma.RevocationEvents{Index: 5, ParentHash: []byte{3}, Primes: []*irma.Int{irma.NewInt(257)}},
		}}}},
		LegacyType: irma.Issuing, DevMode: true, ClientReturnURL: "https://x.y/z?token=secret", AugmentReturnURL: true,
		Host:            "x.y",
		Disclose:        irma.ConDisCon{{{{Type: "a.b.c.d", Value: &value}, {Type: "a.b.c.e"}}, {}}},
		Labels:          map[int]irma.TranslatedString{0: {"en": "label"}},
		SkipExpiryCheck: []irma.CredentialTypeID{"q.r.s"},
		Message:         "secret message",
		Credentials: []irma.CredentialRequest{{
			Validity: 5, KeyCounter: 2, CredentialTypeID: "a.b.c", Attributes: map[string]string{"x": "secret attribute"},
			RevocationKey: "secret key", RevocationSupported: true, RandomblindIDs: []string{"r"}, SDJWTBatchSize: 3,
		}},
	}
}

// TestClone changes everything within reach of a clone.
func TestClone(t *testing.T) {
	t.Parallel()
	original := fullRequest()
	clone := original.Clone()
	if diff := cmp.Diff(fullRequest(), clone); diff != "" {
		t.Fatalf("clone differs (-want +got)\n%s", diff)
	}
	clone.Nonce.Big().SetInt64(0)
	clone.Context.Big().SetInt64(0)
	clone.ProtocolVersion.Major = 9
	update := clone.Revocation["a.b.c"].Updates[2]
	update.Accumulator.Data[0] = 9
	update.Events.ParentHash[0] = 9
	update.Events.Primes[0].Big().SetInt64(0)
	update.Events.Index = 9
	clone.Revocation["a.b.c"].Updates[3] = nil
	clone.Revocation["q.r.s"] = irma.RevocationRequest{}
	*clone.Disclose[0][0][0].Value = "changed"
	clone.Disclose[0][0][1].Type = "changed"
	clone.Disclose[0][1] = nil
	clone.Disclose[0] = nil
	clone.Labels[0]["en"] = "changed"
	clone.Labels[1] = nil
	clone.SkipExpiryCheck[0] = "changed"
	clone.Credentials[0].Attributes["x"] = "changed"
	clone.Credentials[0].RandomblindIDs[0] = "changed"
	clone.Credentials[0].CredentialTypeID = "changed"
	if diff := cmp.Diff(fullRequest(), original); diff != "" {
		t.Errorf("changing the clone changed the original (-want +got)\n%s", diff)
	}
	if (*irma.SessionRequest)(nil).Clone() != nil {
		t.Error("clone of nil is not nil")
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	original := &irma.ExtendedRequest{
		Validity: 60, Request: fullRequest(),
		CallbackURL: "https://x.y/cb?secret", NextSession: &irma.NextSession{URL: "https://x.y/next#secret"},
	}
	redacted := encode(t, original.Redacted())
	if strings.Contains(redacted, "secret") {
		t.Errorf("redacted request tells a secret: %s", redacted)
	}
	for _, kept := range []string{"a.b.c.d", "a.b.c.e", "https://x.y/z", "https://x.y/cb", "https://x.y/next", `"credential":"a.b.c"`} {
		if !strings.Contains(redacted, kept) {
			t.Errorf("redacted request lacks %s: %s", kept, redacted)
		}
	}
	if diff := cmp.Diff(fullRequest(), original.Request); diff != "" {
		t.Errorf("redacting changed the original (-want +got)\n%s", diff)
	}
	if empty := (&irma.ExtendedRequest{}).Redacted(); empty.Request != nil {
		t.Error("redacting made up a request")
	}
}

func TestSignatureRequestAlwaysHasMessage(t *testing.T) {
	t.Parallel()
	want := `{` + signatureContext + `,"disclose":[[["a.b.c.d"]]],"labels":{"0":{"en":"x"}},"message":""}`
	req := irma.NewSignatureRequest("", "a.b.c.d")
	req.Labels = map[int]irma.TranslatedString{0: {"en": "x"}}
	if diff := cmp.Diff(want, encode(t, req)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAttributeRequestJSON(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want string }{
		{`"a.b.c.d"`, `"a.b.c.d"`},
		{`"a\u002eb"`, `"a.b"`},
		{`""`, `""`},
		{`null`, `""`},
		{`{}`, `""`},
		{` {"type":"a.b.c.d"} `, `"a.b.c.d"`},
		{`{"type":"a.b.c.d","value":""}`, `{"type":"a.b.c.d","value":""}`},
		{`{"notNull":true,"value":"1","type":"a.b.c.d"}`, `{"type":"a.b.c.d","value":"1","notNull":true}`},
	} {
		var attr irma.AttributeRequest
		if err := attr.UnmarshalJSON([]byte(test.in)); err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if diff := cmp.Diff(test.want, encode(t, attr)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.in, diff)
		}
	}
	for _, in := range []string{``, `"`, `"a`, `5`, `[]`, `true`, `{"type":5}`, `"a"b"`, "\"a\n\""} {
		var attr irma.AttributeRequest
		if err := attr.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("accepted %q as %+v", in, attr)
		}
	}
}

// TestDecodingForgetsOldValues decodes into values that were used before.
func TestDecodingForgetsOldValues(t *testing.T) {
	t.Parallel()
	value := "x"
	attr := irma.AttributeRequest{Type: "a.b.c.d", Value: &value, NotNull: true}
	if err := json.Unmarshal([]byte(`{"type":"a.b.c.e"}`), &attr); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(irma.AttributeRequest{Type: "a.b.c.e"}, attr); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	demands := irma.RevocationRequests{"a.b.c": {Tolerance: 3}}
	if err := json.Unmarshal([]byte(`["a.b.d"]`), &demands); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(irma.RevocationRequests{"a.b.d": {}}, demands); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
