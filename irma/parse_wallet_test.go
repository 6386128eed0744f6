package irma_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

const tinyProof = `{"c":"AQ==","A":"Ag==","e_response":"Aw==","v_response":"BA==","a_responses":{"0":"BQ=="},"a_disclosed":{"1":"Bg=="}}`

func TestParseDisclosure(t *testing.T) {
	t.Parallel()
	const malformed = `{"proofs":null,"indices":null}`
	for _, test := range []struct{ name, in, want string }{
		{"null", `null`, malformed},
		{"empty", `{}`, malformed},
		{"unknown members", `{"proofs":[` + tinyProof + `],"indices":[],"comment":1}`, `{"proofs":[` + tinyProof + `],"indices":[]}`},
		{"decimal numbers", `{"proofs":[{"A":2,"c":255}]}`, `{"proofs":[{"c":"/w==","A":"Ag==","e_response":null,"v_response":null,"a_responses":null,"a_disclosed":null}],"indices":null}`},
		{"null members", `{"proofs":[{"A":"Ag==","U":null,"nonrev_proof":null,"rangeproofs":null,"a_disclosed":{"1":null}}],"indices":[[null],null]}`,
			`{"proofs":[{"c":null,"A":"Ag==","e_response":null,"v_response":null,"a_responses":null,"a_disclosed":{"1":null}}],"indices":[[null],null]}`},
		{"both kinds at once", `{"proofs":[{"A":"Ag==","U":"Ag=="}]}`, `{"proofs":[{"c":null,"A":"Ag==","e_response":null,"v_response":null,"a_responses":null,"a_disclosed":null}],"indices":null}`},
		{"range proofs are kept for the verifier", `{"proofs":[{"A":"Ag==","rangeproofs":{"2":[]}}]}`,
			`{"proofs":[{"c":null,"A":"Ag==","e_response":null,"v_response":null,"a_responses":null,"a_disclosed":null,"rangeproofs":{"2":[]}}],"indices":null}`},
		{"the last duplicate wins whole", `{"proofs":[` + tinyProof + `,` + tinyProof + `],"indices":[],"proofs":[{"a_disclosed":{"1":"Bg=="},"A":"Ag==","a_disclosed":{"2":"Bg=="}}]}`,
			`{"proofs":[{"c":null,"A":"Ag==","e_response":null,"v_response":null,"a_responses":null,"a_disclosed":{"2":"Bg=="}}],"indices":[]}`},
		{"most proofs", `{"proofs":[` + repeat(`{"U":""}`, 50) + `]}`, `{"proofs":[` + repeat(`{"U":"","c":null,"v_prime_response":null,"s_response":null}`, 50) + `],"indices":null}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := irma.ParseDisclosure([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, encode(t, got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseDisclosureErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"nothing", ``, `unexpected end of JSON input`},
		{"trailing text", `{}x`, `invalid character 'x' after top-level value`},
		{"list", `[]`, `$: expected a disclosure object, found a list`},
		{"proofs object", `{"proofs":{}}`, `$.proofs: expected a list of proofs, found an object`},
		{"null proof", `{"proofs":[null]}`, `$.proofs[0]: expected a proof object, found null`},
		{"unknown proof", `{"proofs":[{}]}`, `Unknown proof type found in ProofList`},
		{"proof with nulls", `{"proofs":[{"A":null,"U":null}]}`, `Unknown proof type found in ProofList`},
		{"too many proofs", `{"proofs":[` + repeat(tinyProof, 51) + `]}`, `$.proofs: has more than 50 elements`},
		{"negative number", `{"proofs":[{"A":-1}]}`, `$.proofs[0].A: expected a base64 string or a non-negative decimal number`},
		{"fraction", `{"proofs":[{"A":1.5}]}`, `$.proofs[0].A: expected a base64 string`},
		{"exponent", `{"proofs":[{"A":1e5}]}`, `$.proofs[0].A: expected a base64 string`},
		{"bad base64", `{"proofs":[{"A":"!"}]}`, `$.proofs[0].A: expected a base64 string`},
		{"unpadded base64", `{"proofs":[{"A":"AQ"}]}`, `$.proofs[0].A: expected a base64 string`},
		{"long number", `{"proofs":[{"A":"` + strings.Repeat("AAAA", 3000) + `"}]}`, `$.proofs[0].A: integer too long`},
		{"long decimal", `{"proofs":[{"A":"","a_disclosed":{"1":1` + strings.Repeat("0", 10000) + `}}]}`, `$.proofs[0].a_disclosed["1"]: integer too long`},
		{"long attribute", `{"proofs":[{"A":"","a_disclosed":{"1":"` + strings.Repeat("AAAA", 400000) + `"}}]}`, `$.proofs[0].a_disclosed["1"]: integer too long`},
		{"attribute number", `{"proofs":[{"A":"","a_disclosed":{"x":""}}]}`, `$.proofs[0].a_disclosed.x: expected an attribute number from 0 to 200 as key`},
		{"negative attribute number", `{"proofs":[{"A":"","a_disclosed":{"-1":""}}]}`, `$.proofs[0].a_disclosed["-1"]: expected an attribute number`},
		{"other spelling", `{"proofs":[{"A":"","a_responses":{"01":""}}]}`, `$.proofs[0].a_responses["01"]: expected an attribute number`},
		{"big attribute number", `{"proofs":[{"A":"","a_responses":{"201":""}}]}`, `$.proofs[0].a_responses["201"]: expected an attribute number`},
		{"many attributes", `{"proofs":[{"A":"","a_responses":{` + repeat(`"1":""`, 201) + `}}]}`, `$.proofs[0].a_responses: has more than 200 members`},
		{"attributes list", `{"proofs":[{"A":"","a_responses":[]}]}`, `$.proofs[0].a_responses: expected an object of integers by attribute number, found a list`},
		{"nonrevocation", `{"proofs":[{"A":"","nonrev_proof":[]}]}`, `$.proofs[0].nonrev_proof: expected a nonrevocation proof object, found a list`},
		{"accumulator", `{"proofs":[{"A":"","nonrev_proof":{"sacc":{"data":"?"}}}]}`, `$.proofs[0].nonrev_proof.sacc.data: expected base64`},
		{"accumulator key", `{"proofs":[{"A":"","nonrev_proof":{"sacc":{"pk":-1}}}]}`, `$.proofs[0].nonrev_proof.sacc.pk: expected a key number`},
		{"index", `{"indices":[{"cred":0}]}`, `$.indices[0]: expected a list of indices, found an object`},
		{"fractional index", `{"indices":[[{"cred":0.5}]]}`, `$.indices[0][0].cred: expected a proof number`},
		{"huge index", `{"indices":[[{"attr":9999999999}]]}`, `$.indices[0][0].attr: expected an attribute number`},
		{"many indices", `{"indices":[` + repeat(`[]`, 501) + `]}`, `$.indices: has more than 500 elements`},
		{"many indices of one", `{"indices":[[` + repeat(`null`, 501) + `]]}`, `$.indices[0]: has more than 500 elements`},
		{"deep", strings.Repeat(`[`, 20000), `exceeded max depth`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := irma.ParseDisclosure([]byte(test.in))
			expectMalformed(t, got == nil, err, test.want)
		})
	}
}

func TestParseSignedMessageErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"message", `{"message":5}`, `$.message: expected a string, found a number`},
		{"nonce", `{"nonce":{}}`, `$.nonce: expected a base64 string`},
		{"timestamp", `{"timestamp":5}`, `$.timestamp: expected a timestamp object, found a number`},
		{"time", `{"timestamp":{"Time":"x"}}`, `$.timestamp.Time: expected Unix seconds, found a string`},
		{"timestamp signature", `{"timestamp":{"Sig":{"Data":"=="}}}`, `$.timestamp.Sig.Data: expected base64`},
		{"proof", `{"signature":[{"c":""}]}`, `Unknown proof type found in ProofList`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := irma.ParseSignedMessage([]byte(test.in))
			expectMalformed(t, got == nil, err, test.want)
		})
	}
}

func TestParseIssueCommitmentErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"null", `null`, `$.n_2: missing`},
		{"empty", `{}`, `$.n_2: missing`},
		{"no nonce", `{"combinedProofs":[]}`, `$.n_2: missing`},
		{"null nonce", `{"n_2":null,"combinedProofs":[]}`, `$.n_2: missing`},
		{"no proofs", `{"n_2":"AQ=="}`, `$.combinedProofs: missing`},
		{"null proofs", `{"n_2":"AQ==","combinedProofs":null}`, `$.combinedProofs: missing`},
		{"jwts", `{"n_2":"AQ==","combinedProofs":[],"proofPJwts":["x"]}`, `$.proofPJwts: expected an object of JWTs by scheme, found a list`},
		{"jwt", `{"n_2":"AQ==","combinedProofs":[],"proofPJwts":{"pbdf":5}}`, `$.proofPJwts.pbdf: expected a JWT, found a number`},
		{"keys", `{"n_2":"AQ==","combinedProofs":[],"keybinding_pub_keys":{}}`, `$.keybinding_pub_keys: expected a list of JWKs, found an object`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := irma.ParseIssueCommitment([]byte(test.in))
			expectMalformed(t, got == nil, err, test.want)
		})
	}
}

func TestParseIssueCommitmentIgnoresOldMembers(t *testing.T) {
	t.Parallel()
	got, err := irma.ParseIssueCommitment([]byte(`{"U":5,"proofPJwt":[],"n_2":"AQ==","combinedProofs":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"n_2":"AQ==","combinedProofs":[]}`, encode(t, got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseFrontendOptionsErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"nothing", ``, `unexpected end of JSON input`},
		{"empty", `{}`, `Not a frontend options request`},
		{"null", `null`, `Not a frontend options request`},
		{"other context", `{"@context":"https://irma.app/ld/options/v1"}`, `Not a frontend options request`},
		{"method", `{"@context":"https://irma.app/ld/request/frontendoptions/v1","pairingMethod":5}`, `$.pairingMethod: expected a string, found a number`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := irma.ParseFrontendOptions([]byte(test.in))
			expectMalformed(t, got == nil, err, test.want)
		})
	}
}

func expectMalformed(t *testing.T, none bool, err error, want string) {
	t.Helper()
	if !errors.Is(err, irma.ErrMalformedInput) {
		t.Fatalf("got %v, want %v", err, irma.ErrMalformedInput)
	}
	if message := irma.AsError(err).Message; !strings.Contains(message, want) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, message))
	}
	if !none {
		t.Error("an error came with a value")
	}
}

// repeat returns n copies of element, separated by commas. In members, the
// first digit is varied so that keys differ.
func repeat(element string, n int) string {
	var out []string
	for i := range n {
		if rest, isMember := strings.CutPrefix(element, `"1"`); isMember {
			out = append(out, fmt.Sprintf(`"%d"%s`, i, rest))
			continue
		}
		out = append(out, element)
	}
	return strings.Join(out, ",")
}
