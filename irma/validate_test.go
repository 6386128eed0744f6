package irma_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	disclose := func(c irma.ConDisCon) *irma.SessionRequest {
		return &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: c}
	}
	con := func(ids ...irma.AttributeTypeID) irma.Con {
		out := irma.Con{}
		for _, id := range ids {
			out = append(out, irma.AttributeRequest{Type: id})
		}
		return out
	}
	many := func(n int) *irma.SessionRequest {
		return irma.NewIssuanceRequest(slices.Repeat([]irma.CredentialRequest{{CredentialTypeID: "a.b.c"}}, n)...)
	}
	issue := func(cred irma.CredentialRequest) *irma.SessionRequest { return irma.NewIssuanceRequest(cred) }
	hosted := func(host string) *irma.SessionRequest {
		req := irma.NewDisclosureRequest("a.b.c.d")
		req.Host = host
		return req
	}
	const adjacent = "Within inner conjunctions, attributes from the same credential type must be adjacent"
	for _, test := range []struct {
		name string
		req  irma.Request
		want string // message; "" when valid
	}{
		{"disclosure", irma.NewDisclosureRequest("a.b.c.d", "a.b.c"), ""},
		{"signature", irma.NewSignatureRequest("m", "a.b.c.d"), ""},
		{"issuance", issue(irma.CredentialRequest{CredentialTypeID: "a.b.c"}), ""},
		{"optional disjunction", disclose(irma.ConDisCon{{con("a.b.c.d")}, {con()}}), ""},
		{"no request", &irma.ExtendedRequest{}, "$.request: missing"},
		{"no context", &irma.SessionRequest{}, "$.request.@context: Invalid requestor request type"},
		{"nothing to disclose", disclose(nil), "$.request.disclose: Disclosure request had no attributes"},
		{"empty outer", disclose(irma.ConDisCon{}), "$.request.disclose: Disclosure request had no attributes"},
		{"empty disjunction alone", disclose(irma.ConDisCon{{}}), "$.request.disclose: Disclosure request had no attributes"},
		{"empty conjunction alone", disclose(irma.ConDisCon{{con()}}), "$.request.disclose: Disclosure request had no attributes"},
		{"empty disjunction", disclose(irma.ConDisCon{{con("a.b.c.d")}, {}}), "$.request.disclose[1]: Empty disjunction"},
		{"two parts", disclose(irma.ConDisCon{{con("a.b.c.d"), con("a.b.c.d", "a.b")}}), "$.request.disclose[0][1][1]: Expected attribute request to consist of 4 or 3 parts, 2 found"},
		{"five parts", disclose(irma.ConDisCon{{con("a.b.c.d.e")}}), "$.request.disclose[0][0][0]: Expected attribute request to consist of 4 or 3 parts, 5 found"},
		{"no identifier", disclose(irma.ConDisCon{{con("")}}), "$.request.disclose[0][0][0]: Expected attribute request to consist of 4 or 3 parts, 1 found"},
		{"adjacent", disclose(irma.ConDisCon{{con("a.b.c.d", "a.b.c", "a.b.e.f", "a.b.e.g")}}), ""},
		{"separated", disclose(irma.ConDisCon{{con("a.b.c.d", "a.b.e.f", "a.b.c")}}), "$.request.disclose[0][0][2]: " + adjacent},
		{"separated by two", disclose(irma.ConDisCon{{con("a.b.c.d", "a.b.e.f", "a.b.g.h", "a.b.e.i")}}), "$.request.disclose[0][0][3]: " + adjacent},
		{"separated across conjunctions", disclose(irma.ConDisCon{{con("a.b.c.d"), con("a.b.e.f"), con("a.b.c.d")}}), ""},
		{"no message", irma.NewSignatureRequest("", "a.b.c.d"), "$.request.message: Signature request had empty message"},
		{"signature of nothing", irma.NewSignatureRequest("m"), "$.request.disclose: Signature request had no attributes"},
		{"signature with empty conjunction", &irma.SessionRequest{LDContext: irma.ContextSignatureRequest, Message: "m", Disclose: irma.ConDisCon{{con()}}}, "$.request.disclose: Disclosure request had no attributes"},
		{"nothing to issue", irma.NewIssuanceRequest(), "$.request.credentials: Empty issuance request"},
		{"as much to issue as possible", many(50), ""},
		{"more to issue than possible", many(51), "$.request.credentials: at most 50 are possible"},
		{"credential of four parts", issue(irma.CredentialRequest{CredentialTypeID: "a.b.c.d"}), "$.request.credentials[0].credential: Expected credential ID to consist of 3 parts, 4 found"},
		{"issuance with bad disclosure", &irma.SessionRequest{LDContext: irma.ContextIssuanceRequest, Credentials: []irma.CredentialRequest{{CredentialTypeID: "a.b.c"}}, Disclose: irma.ConDisCon{{}}}, "$.request.disclose[0]: Empty disjunction"},
		{"batch", issue(irma.CredentialRequest{CredentialTypeID: "a.b.c", SDJWTBatchSize: 200}), ""},
		{"big batch", issue(irma.CredentialRequest{CredentialTypeID: "a.b.c", SDJWTBatchSize: 201}), "$.request.credentials[0].sdJwtBatchSize: at most 200 are possible"},
		{"negative timeout", &irma.ExtendedRequest{Timeout: -1, Request: irma.NewDisclosureRequest("a.b.c.d")}, "$.timeout: expected a number of seconds from 0 to 315360000"},
		{"negative validity", &irma.ExtendedRequest{Validity: -1, Request: irma.NewDisclosureRequest("a.b.c.d")}, "$.validity: expected a number of seconds from 0 to 315360000"},
		{"long validity", &irma.ExtendedRequest{Validity: 315360001, Request: irma.NewDisclosureRequest("a.b.c.d")}, "$.validity: expected a number of seconds from 0 to 315360000"},
		{"host", hosted("Example-1.com"), ""},
		{"host with port", hosted("example.com:8088"), ""},
		{"IPv4 host", hosted("127.0.0.1:38901"), ""},
		{"IPv6 host", hosted("[::1]"), ""},
		{"IPv6 host with port", hosted("[2001:db8::1]:443"), ""},
		{"host with fragment", hosted("evil.com#.example.com"), "$.request.host: expected a host name or host:port"},
		{"host with user", hosted("evil.com:80@a.example.com"), "$.request.host: expected a host name or host:port"},
		{"host with path", hosted("evil.com/x"), "$.request.host: expected a host name or host:port"},
		{"host with big port", hosted("example.com:65536"), "$.request.host: expected a host name or host:port"},
		{"host with empty port", hosted("example.com:"), "$.request.host: expected a host name or host:port"},
		{"port alone", hosted(":80"), "$.request.host: expected a host name or host:port"},
		{"unclosed bracket", hosted("[::1"), "$.request.host: expected a host name or host:port"},
		{"zone", hosted("[fe80::1%25x]:80"), "$.request.host: expected a host name or host:port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := test.req.Extended().Validate()
			message := ""
			if err != nil {
				if !errors.Is(err, irma.ErrInvalidRequest) {
					t.Errorf("got %v, want kind %v", err, irma.ErrInvalidRequest)
				}
				message = irma.AsError(err).Message
			}
			if diff := cmp.Diff(test.want, message); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A requestor can send a conjunction over as many types as fit in a body. Looking
// through all of them for each one would take minutes.
func TestValidateLong(t *testing.T) {
	t.Parallel()
	con := make(irma.Con, 100_000)
	for i := range con {
		con[i].Type = irma.AttributeTypeID(fmt.Sprintf("a.b.%d.d", i))
	}
	req := &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: irma.ConDisCon{{con}}}
	start := time.Now()
	if err := req.Extended().Validate(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("checking %d attributes took %s", len(con), took)
	}
}
