package irma_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

const (
	disclosureContext = `"@context":"https://irma.app/ld/request/disclosure/v2"`
	signatureContext  = `"@context":"https://irma.app/ld/request/signature/v2"`
	issuanceContext   = `"@context":"https://irma.app/ld/request/issuance/v2"`
)

// TestParseRequest compares requests with what becomes of them, in JSON.
func TestParseRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"bare disclosure", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`},
		{"extended", `{"validity":60,"timeout":30,"callbackUrl":"https://x.y/","nextSession":{"url":"https://x.z/"},"request":{` + disclosureContext + `,"disclose":[[["a.b.c"]]]}}`,
			`{"validity":60,"timeout":30,"callbackUrl":"https://x.y/","nextSession":{"url":"https://x.z/"},"request":{` + disclosureContext + `,"disclose":[[["a.b.c"]]]}}`},
		{"any order and white space", "\n{ \"request\" : {\"disclose\":\t[ [ [ \"a.b.c.d\" ] ] ],\r\n" + disclosureContext + "} , \"timeout\" : 5 } \n",
			`{"validity":120,"timeout":5,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`},
		{"nulls are absent", `{` + disclosureContext + `,"disclose":[[["a.b.c.d",{"type":"a.b.c.e","value":null,"notNull":null}],null]],"labels":null,"revocation":null,"host":null,"nonce":null,"protocolVersion":null}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d","a.b.c.e"],[]]]}}`},
		{"null settings", `{"@context":null,"validity":null,"timeout":null,"nextSession":null,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`},
		{"object forms", `{` + disclosureContext + `,"disclose":[[[{"value":"v","type":"a.b.c.d"},{"type":"a.b.c.e","notNull":true},{"type":"a.b.c.f"}]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[[{"type":"a.b.c.d","value":"v"},{"type":"a.b.c.e","notNull":true},"a.b.c.f"]]]}}`},
		{"escapes", `{` + disclosureContext + `,"clientReturnUrl":"x:\/\/y?a&b","disclose":[[["a.b.c.\u0064",{"type":"a.b.c.e","value":"\u00e9<\u2028"}]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"clientReturnUrl":"x://y?a\u0026b","disclose":[[["a.b.c.d",{"type":"a.b.c.e","value":"é\u003c\u2028"}]]]}}`},
		{"case of keys", `{"Request":{"@Context":"https://irma.app/ld/request/disclosure/v2","DISCLOSE":[[[{"TYPE":"a.b.c.d","Value":"1"}]]]}}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[[{"type":"a.b.c.d","value":"1"}]]]}}`},
		{"the last duplicate wins whole", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"],["a.b.c.e"]]],"labels":{"0":{"en":"x"}},"Disclose":[[["a.b.c.f"]]],"labels":{"1":{"nl":"y"}},"host":"x","host":null}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.f"]]],"labels":{"1":{"nl":"y"}}}}`},
		{"duplicate request", `{"request":{` + issuanceContext + `,"credentials":[]},"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`},
		{"revocation list", `{` + disclosureContext + `,"revocation":["a.b.d","a.b.c"],"disclose":[[["a.b.c.d"]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"revocation":{"a.b.c":{},"a.b.d":{}},"disclose":[[["a.b.c.d"]]]}}`},
		{"revocation map", `{` + disclosureContext + `,"revocation":{"a.b.c":{"tolerance":30,"updates":{"x":1}},"a.b.d":null},"disclose":[[["a.b.c.d"]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"revocation":{"a.b.c":{"tolerance":30},"a.b.d":{}},"disclose":[[["a.b.c.d"]]]}}`},
		{"server fields", `{` + issuanceContext + `,"context":"AQ==","nonce":12,"protocolVersion":2.8,"devMode":true,"type":"issuing","credentials":[{"credential":"a.b.c","keyCounter":3,"revocationSupported":true,"randomblindIDs":["x"],"attributes":{"x":"1"}}]}`,
			`{"validity":120,"request":{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","attributes":{"x":"1"}}]}}`},
		{"members of other kinds", `{` + disclosureContext + `,"message":5,"credentials":[null],"validity":"x","request":7,"disclose":[[["a.b.c.d"]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`},
		{"signature", `{` + signatureContext + `,"message":"m","disclose":[[["a.b.c.d"],[]]]}`,
			`{"validity":120,"request":{` + signatureContext + `,"disclose":[[["a.b.c.d"],[]]],"message":"m"}}`},
		{"issuance", `{` + issuanceContext + `,"credentials":[{"attributes":{"z":"1","b":null,"a":""},"credential":"a.b.c","validity":1900000000,"revocationKey":"k","sdJwtBatchSize":50}],"requestSdJwts":true,"CredentialInfoList":[]}`,
			`{"validity":120,"request":{` + issuanceContext + `,"credentials":[{"validity":1900000000,"credential":"a.b.c","attributes":{"a":"","b":"","z":"1"},"revocationKey":"k","sdJwtBatchSize":50}]}}`},
		{"every common field", `{` + disclosureContext + `,"augmentReturnUrl":true,"clientReturnUrl":"app:x","host":"example.com:8080","skipExpiryCheck":["q.r.s"],"labels":{"7":{"en":"a","nl":null},"0":null},"disclose":[[["a.b.c.d"]]]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"clientReturnUrl":"app:x","augmentReturnUrl":true,"host":"example.com:8080","disclose":[[["a.b.c.d"]]],"labels":{"0":null,"7":{"en":"a","nl":""}},"skipExpiryCheck":["q.r.s"]}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req, err := irma.ParseRequest([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, encode(t, req)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if req.Request.Legacy() {
				t.Error("request counts as legacy")
			}
		})
	}
}

// TestParseRequestErrors expects messages to contain the text of the protocol
// and the place.
func TestParseRequestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"empty", ``, `unexpected end of JSON input`},
		{"not JSON", `foo`, `invalid character 'o' in literal false (expecting 'a')`},
		{"place of syntax error", "{\n  \"@context\": 'x'\n}", `invalid character '\'' looking for beginning of value (line 2, column 15)`},
		{"trailing text", `{} x`, `invalid character 'x' after top-level value`},
		{"trailing object", `{}{}`, `invalid character '{' after top-level value`},
		{"null", `null`, `Failed to JSON unmarshal request bytes`},
		{"empty object", `{}`, `Failed to JSON unmarshal request bytes: $: no "@context"`},
		{"empty nested object", `{"request":{}}`, `Failed to JSON unmarshal request bytes: $.request: no "@context"`},
		{"list", `[]`, `$: expected a session request object, found a list`},
		{"string", `"x"`, `$: expected a session request object, found a string`},
		{"request is a string", `{"request":"foo"}`, `$.request: expected a session request object, found a string`},
		{"context is a number", `{"@context":5}`, `$.@context: expected a string, found a number`},
		{"nested context is a number", `{"request":{"@context":5}}`, `$.request.@context: expected a string, found a number`},
		{"unknown context", `{"@context":"x"}`, `$.@context: Invalid session request type`},
		{"unknown nested context", `{"request":{"@context":"x"}}`, `$.request.@context: Invalid requestor request type`},
		{"context has a typing error", `{"@contxt":"x","disclose":[]}`, `$: unknown key "@contxt", did you mean "@context"?`},

		{"one list too few", `{` + disclosureContext + `,"disclose":[["a.b.c.d"]]}`,
			`$.disclose[0][0]: expected a list of attributes (conjunction), found a string; disclose is a list of lists of lists: [[["a.b.c.d"]]]`},
		{"two lists too few", `{` + disclosureContext + `,"disclose":["a.b.c.d"]}`, `$.disclose[0]: expected a list of conjunctions (disjunction), found a string`},
		{"no list", `{"request":{` + disclosureContext + `,"disclose":"a.b.c.d"}}`, `$.request.disclose: expected a list of disjunctions, found a string`},
		{"one list too many", `{` + disclosureContext + `,"disclose":[[[["a.b.c.d"]]]]}`, `$.disclose[0][0][0]: expected an attribute identifier or an object with type and value, found a list`},
		{"value is a number", `{` + disclosureContext + `,"disclose":[[["a.b.c.d",{"type":"a.b.c.e","value":18}]]]}`, `$.disclose[0][0][1].value: expected a string or null, found a number`},
		{"attribute type is a number", `{` + disclosureContext + `,"disclose":[[[{"type":1}]]]}`, `$.disclose[0][0][0].type: expected an attribute identifier, found a number`},
		{"labels list", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"labels":["x"]}`, `$.labels: expected an object of translated labels`},
		{"label key", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"labels":{"x":{}}}`, `$.labels.x: expected a whole number as key`},
		{"plain label", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"labels":{"0":"x"}}`, `$.labels["0"]: expected an object of texts by language, as {"en": "..."}, found a string`},
		{"nonce", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"nonce":-1}`, `$.nonce: expected a base64 string or a non-negative decimal number`},
		{"nonce kind", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"nonce":{}}`, `$.nonce: expected a base64 string or a non-negative decimal number, found an object`},
		{"version", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"protocolVersion":"2"}`, `$.protocolVersion: Invalid protocol version number: not of form x.y`},
		{"revocation", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"revocation":{"a.b.c":5}}`, `$.revocation["a.b.c"]: expected an object with tolerance, found a number`},
		{"tolerance", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"revocation":{"a.b.c":{"tolerance":-5}}}`, `$.revocation["a.b.c"].tolerance: expected a number of seconds`},
		{"quoted timeout", `{"timeout":"5","request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.timeout: expected a number of seconds, found a string`},
		{"negative timeout", `{"timeout":-5,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.timeout: expected a number of seconds`},
		{"huge timeout", `{"timeout":9223372037,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.timeout: expected a number of seconds`},
		{"fractional validity", `{"validity":1.5,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.validity: expected a number of seconds`},
		{"negative validity", `{"validity":-1,"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.validity: expected a number of seconds`},
		{"next session", `{"nextSession":"https://x","request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.nextSession: expected an object with url, found a string`},
		{"null credential", `{` + issuanceContext + `,"credentials":[null]}`, `$.credentials[0]: expected a credential request object, found null`},
		{"credential object", `{` + issuanceContext + `,"credentials":{}}`, `$.credentials: expected a list of credential requests, found an object`},
		{"attribute is a number", `{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","attributes":{"age":18}}]}`, `$.credentials[0].attributes.age: expected a string or null, found a number`},
		{"attributes list", `{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","attributes":["x"]}]}`, `$.credentials[0].attributes: expected an object of attribute values by attribute name, found a list`},
		{"fractional expiry", `{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","validity":1900000000.5}]}`, `$.credentials[0].validity: expected whole Unix seconds as a bare number`},
		{"quoted expiry", `{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","validity":"1900000000"}]}`, `$.credentials[0].validity: expected whole Unix seconds as a bare number, found a string`},
		{"batch too big", `{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","sdJwtBatchSize":201}]}`, `$.credentials[0].sdJwtBatchSize: at most 200`},

		{"misspelt member", `{` + disclosureContext + `,"discolse":[[["a.b.c.d"]]]}`, `$.discolse: unknown key, did you mean "disclose"?`},
		{"other separators", `{"callback_url":"x","request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}}`, `$.callback_url: unknown key, did you mean "callbackUrl"?`},
		{"misspelt attribute member", `{` + disclosureContext + `,"disclose":[[[{"type":"a.b.c.d","vaule":"secret"}]]]}`, `$.disclose[0][0][0].vaule: unknown key, did you mean "value"?`},
		{"misspelt credential member", `{` + issuanceContext + `,"credentials":[{"credentials":"a.b.c","attributes":{}}]}`, `$.credentials[0].credentials: unknown key, did you mean "credential"?`},
		{"misspelt in nested request", `{"request":{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"clientReturnUri":"x"}}`, `$.request.clientReturnUri: unknown key, did you mean "clientReturnUrl"?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := irma.ParseRequest([]byte(test.in))
			if !errors.Is(err, irma.ErrInvalidRequest) {
				t.Fatalf("got %v, want %v", err, irma.ErrInvalidRequest)
			}
			if message := irma.AsError(err).Message; !strings.Contains(message, test.want) {
				t.Errorf("(-want +got)\n%s", cmp.Diff(test.want, message))
			}
		})
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	in := `{"comment":1,"request":{` + issuanceContext + `,"x-y":{"deep":[1]},"hostess":"disclose","requestSdJwts":true,
		"credentials":[{"credential":"a.b.c","attributes":{"anything":"1"},"validty2you":1}],"host":"x"},"timeout":3,"timeouts":4}`
	req, err := irma.ParseRequest([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`$.request.credentials[0].validty2you`, `$.request["x-y"]`, `$.request.hostess`, `$.comment`, `$.timeouts`}
	if diff := cmp.Diff(want, req.UnknownKeys); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestMessagesHideValues spoils a request in many places and looks for the
// values in the messages.
func TestMessagesHideValues(t *testing.T) {
	t.Parallel()
	const secret = "S3CRET"
	for _, in := range []string{
		`{` + disclosureContext + `,"disclose":"` + secret + `"}`,
		`{` + disclosureContext + `,"disclose":[[["a.b.c.d",{"type":"a.b","value":"` + secret + `"}]]]}`,
		`{` + disclosureContext + `,"disclose":[[[{"type":"a.b.c.d","valeu":"` + secret + `"}]]]}`,
		`{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]],"nonce":"` + secret + `!"}`,
		`{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","attributes":"` + secret + `"}]}`,
		`{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","attributes":{"x":["` + secret + `"]}}]}`,
		`{` + issuanceContext + `,"credentials":[{"credential":"` + secret + `","attributes":{"x":"` + secret + `"}}]}`,
		`{` + issuanceContext + `,"credentials":[{"credential":"a.b.c","validity":"` + secret + `"}]}`,
		`{` + signatureContext + `,"message":["` + secret + `"]}`,
		`{"type":"disclosing","content":[{"attributes":{"a.b":"` + secret + `"}}]}`,
		`{"type":"` + secret + `","content":[]}`,
		`{"@context":"` + secret + `"}`,
	} {
		_, err := irma.ParseRequest([]byte(in))
		if err == nil {
			t.Errorf("accepted %s", in)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("message tells a value: %v", err)
		}
	}
}

func TestParseExtendedRequest(t *testing.T) {
	t.Parallel()
	const good = `{"request":{` + signatureContext + `,"message":"m","disclose":[[["a.b.c.d"]]]}}`
	for _, test := range []struct {
		name   string
		in     string
		action irma.Action
		want   string // message; "" when accepted
	}{
		{"good", good, irma.Signing, ""},
		{"legacy", `{"request":{"type":"signing","message":"m","content":[{"attributes":["a.b.c.d"]}]}}`, irma.Signing, ""},
		{"absent", ``, irma.Disclosing, "Not a ServiceProviderRequest"},
		{"null", `null`, irma.Signing, "Not a SignatureRequestorRequest"},
		{"without request", `{}`, irma.Issuing, "Not a IdentityProviderRequest"},
		{"bare", `{` + disclosureContext + `,"disclose":[[["a.b.c.d"]]]}`, irma.Disclosing, "Not a ServiceProviderRequest"},
		{"not a disclosure", good, irma.Disclosing, "Not a disclosure request"},
		{"not an issuance", good, irma.Issuing, "Not an issuance request"},
		{"not a signature", `{"request":{` + disclosureContext + `}}`, irma.Signing, "Not a signature request"},
		{"unknown context", `{"request":{"@context":"x"}}`, irma.Signing, "Not a signature request"},
		{"neither type nor context", `{"request":{}}`, irma.Disclosing, "not a disclosing session request"},
		{"other legacy type", `{"request":{"type":"signing"}}`, irma.Issuing, "not a issuing session request"},
		{"invalid", `{"request":{` + signatureContext + `,"disclose":[[["a.b.c.d"]]]}}`, irma.Signing, "$.request.message: Signature request had empty message"},
		{"not JSON", `{`, irma.Signing, "unexpected end of JSON input"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req, err := irma.ParseExtendedRequest([]byte(test.in), test.action)
			message := ""
			if err != nil {
				message = irma.AsError(err).Message
			} else if req.Request.Action() != test.action {
				t.Errorf("got a request for %s", req.Request.Action())
			}
			if diff := cmp.Diff(test.want, message); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
