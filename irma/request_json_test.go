package irma_test

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

// awkward is what encoding/json does not write as it is.
const awkward = "\"\\<&>\n\x7f\u2028é\xff"

// sameAsPlain compares what value writes with what encoding/json writes of plain,
// which is value as a type without methods.
func sameAsPlain(t *testing.T, name string, value, plain any) {
	t.Helper()
	want, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	got, err := value.(json.Marshaler).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// without calls visit with copies of full, which has something in every field, each
// without one of the fields.
func without[T any](t *testing.T, full T, visit func(field string, less T)) {
	t.Helper()
	for i := range reflect.TypeOf(full).NumField() {
		less := full
		field, name := reflect.ValueOf(&less).Elem().Field(i), reflect.TypeOf(full).Field(i).Name
		if field.IsZero() {
			t.Errorf("the test has nothing in %s", name)
		}
		field.SetZero()
		visit("without "+name, less)
	}
}

func TestMarshalRequest(t *testing.T) {
	t.Parallel()
	type plain irma.SessionRequest
	full := *fullRequest()
	full.ClientReturnURL, full.Host, full.Message = awkward, awkward, awkward
	full.Credentials = append(full.Credentials, irma.CredentialRequest{Attributes: map[string]string{}})
	full.Disclose = append(full.Disclose, nil, irma.DisCon{nil})
	sameAsPlain(t, "full", full, plain(full))
	without(t, full, func(name string, less irma.SessionRequest) { sameAsPlain(t, name, less, plain(less)) })
}

// TestMarshalSignature is about the message, which is always there and comes last.
func TestMarshalSignature(t *testing.T) {
	t.Parallel()
	request := irma.NewSignatureRequest("", "a.b.c.d")
	for _, message := range []string{"", awkward} {
		request.Message = message
		encoded, err := json.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		want := `{"@context":"https://irma.app/ld/request/signature/v2","disclose":[[["a.b.c.d"]]],"message":` + string(encoded) + `}`
		if got := encode(t, request); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestMarshalAttributeRequest(t *testing.T) {
	t.Parallel()
	type plain irma.AttributeRequest
	value := awkward
	full := irma.AttributeRequest{Type: awkward, Value: &value, NotNull: true}
	sameAsPlain(t, "full", full, plain(full))
	without(t, full, func(name string, less irma.AttributeRequest) { sameAsPlain(t, name, less, plain(less)) })
	none := irma.AttributeRequest{Type: awkward}
	sameAsPlain(t, "only the type", none, none.Type)
}

func TestMarshalCredentialRequest(t *testing.T) {
	t.Parallel()
	full := fullRequest().Credentials[0]
	full.Attributes = map[string]string{"b": awkward, "": "1", awkward: "2", "a": ""}
	without(t, full, func(name string, less irma.CredentialRequest) {
		plain, err := json.Marshal(less) // it has no methods
		if err != nil {
			t.Fatal(err)
		}
		got := encode(t, irma.NewIssuanceRequest(less))
		if want := `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[` + string(plain) + `]}`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	})
}

func TestMarshalMessages(t *testing.T) {
	t.Parallel()
	{
		type plain irma.ExtendedRequest
		full := irma.ExtendedRequest{
			Validity: -1, Timeout: 2, CallbackURL: awkward, NextSession: &irma.NextSession{URL: awkward},
			Request: fullRequest(), UnknownKeys: []string{"x"},
		}
		sameAsPlain(t, "extended request", &full, plain(full))
		without(t, full, func(name string, less irma.ExtendedRequest) { sameAsPlain(t, name, &less, plain(less)) })
	}
	{
		type plain irma.SessionPackage
		full := irma.SessionPackage{
			SessionPtr: irma.SessionPointer{URL: awkward, Action: irma.Signing}, Token: awkward,
			FrontendRequest: irma.FrontendRequest{
				Authorization: awkward, PairingHint: true,
				MinProtocolVersion: irma.Version{Major: 1}, MaxProtocolVersion: irma.Version{Minor: 1},
			},
		}
		sameAsPlain(t, "session package", &full, plain(full))
		without(t, full, func(name string, less irma.SessionPackage) { sameAsPlain(t, name, &less, plain(less)) })
	}
	{
		type plain irma.ClientSessionRequest
		full := irma.ClientSessionRequest{
			LDContext: awkward, ProtocolVersion: irma.Version{Major: 2, Minor: 8},
			Options: irma.SessionOptions{LDContext: awkward, PairingMethod: irma.PairingPin, PairingCode: awkward}, Request: fullRequest(),
		}
		sameAsPlain(t, "client request", &full, plain(full))
		without(t, full, func(name string, less irma.ClientSessionRequest) { sameAsPlain(t, name, &less, plain(less)) })
	}
}

func TestMarshalNegative(t *testing.T) {
	t.Parallel()
	request := fullRequest()
	request.Nonce = (*irma.Int)(big.NewInt(-1))
	if _, err := json.Marshal(request); err == nil || !strings.Contains(err.Error(), "negative Int") {
		t.Errorf("got error %v", err)
	}
}
