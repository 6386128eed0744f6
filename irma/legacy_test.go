package irma_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func TestParseLegacyRequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"disclosure", `{"type":"disclosing","content":[{"label":"L","attributes":["a.b.c.d","a.b.e.f"]},{"attributes":["g.h.i"]}]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"type":"disclosing","disclose":[[["a.b.c.d"],["a.b.e.f"]],[["g.h.i"]]],"labels":{"0":{"en":"L","nl":"L"},"1":{"en":"","nl":""}}}}`},
		{"values in order", `{"type":"disclosing","content":[{"label":"L","attributes":{"z.b.c.d":"1","a.b.c.d":null,"m.b.c.d":"\u0032"}}]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"type":"disclosing","disclose":[[[{"type":"z.b.c.d","value":"1"}],["a.b.c.d"],[{"type":"m.b.c.d","value":"2"}]]],"labels":{"0":{"en":"L","nl":"L"}}}}`},
		{"repeated identifier", `{"type":"disclosing","content":[{"label":"L","attributes":{"z.b.c.d":"1","a.b.c.d":null,"z.b.c.d":"3"}}]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"type":"disclosing","disclose":[[[{"type":"z.b.c.d","value":"3"}],["a.b.c.d"]]],"labels":{"0":{"en":"L","nl":"L"}}}}`},
		{"extended signature", `{"validity":5,"request":{"type":"signing","message":"m","content":[{"label":"L","attributes":["a.b.c.d"]}]}}`,
			`{"validity":5,"request":{` + signatureContext + `,"type":"signing","disclose":[[["a.b.c.d"]]],"labels":{"0":{"en":"L","nl":"L"}},"message":"m"}}`},
		{"issuance", `{"type":"issuing","credentials":[{"credential":"a.b.c","attributes":{"x":"1"}}]}`,
			`{"validity":120,"request":{` + issuanceContext + `,"type":"issuing","credentials":[{"credential":"a.b.c","attributes":{"x":"1"}}]}}`},
		{"extended issuance with disclosure", `{"request":{"type":"issuing","credentials":[{"credential":"a.b.c","attributes":{"x":"1"}}],"disclose":[{"label":"L","attributes":["a.b.c.d"]}]}}`,
			`{"validity":120,"request":{` + issuanceContext + `,"type":"issuing","disclose":[[["a.b.c.d"]]],"labels":{"0":{"en":"L","nl":"L"}},"credentials":[{"credential":"a.b.c","attributes":{"x":"1"}}]}}`},
		{"common fields", `{"type":"disclosing","nonce":5,"devMode":true,"host":"h","clientReturnUrl":"u","revocation":["a.b.c"],"content":[{"label":"L","attributes":["a.b.c.d"]}]}`,
			`{"validity":120,"request":{` + disclosureContext + `,"revocation":{"a.b.c":{}},"type":"disclosing","clientReturnUrl":"u","host":"h","disclose":[[["a.b.c.d"]]],"labels":{"0":{"en":"L","nl":"L"}}}}`},
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
			if !req.Request.Legacy() {
				t.Error("request does not count as legacy")
			}
		})
	}
}

func TestParseLegacyRequestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"unknown type", `{"type":"showing","content":[{"label":"L","attributes":["a.b.c.d"]}]}`, `$: no "@context"`},
		{"no content", `{"type":"disclosing"}`, `$.content: Disclosure request had no attributes`},
		{"empty attributes", `{"type":"disclosing","content":[{"label":"L","attributes":["a.b.c.d"]},{"label":"L","attributes":[]}]}`, `$.content[1]: Empty disjunction`},
		{"no message", `{"request":{"type":"signing","content":[{"label":"L","attributes":["a.b.c.d"]}]}}`, `$.request.message: Signature request had empty message`},
		{"no credentials", `{"type":"issuing"}`, `$.credentials: Empty issuance request`},
		{"bad issuance disclosure", `{"type":"issuing","credentials":[{"credential":"a.b.c"}],"disclose":[[["a.b.c.d"]]]}`, `$.disclose[0]: expected an object with label and attributes, found a list`},
		{"bad shape", `{"type":"disclosing","content":[{"label":"L","attributes":"a.b.c.d"}]}`, `$.content[0].attributes: expected a list of attribute identifiers or an object`},
		{"bad value", `{"type":"disclosing","content":[{"label":"L","attributes":{"a.b.c.d":5}}]}`, `$.content[0].attributes["a.b.c.d"]: expected a string or null, found a number`},
		{"bad identifier", `{"type":"disclosing","content":[{"label":"L","attributes":["a.b"]}]}`, `$.content[0][0][0]: Expected attribute request to consist of 4 or 3 parts, 2 found`},
		{"misspelt", `{"type":"disclosing","contents":[{"label":"L","attributes":["a.b.c.d"]}]}`, `$.contents: unknown key, did you mean "content"?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := irma.ParseRequest([]byte(test.in))
			if !errors.Is(err, irma.ErrInvalidRequest) {
				t.Fatalf("got %v, want %v", err, irma.ErrInvalidRequest)
			}
			message := irma.AsError(err).Message
			if !strings.HasPrefix(message, "Failed to JSON unmarshal request bytes: "+test.want) {
				t.Errorf("(-want +got)\n%s", cmp.Diff(test.want, message))
			}
		})
	}
}
