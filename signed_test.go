package irmaserver_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// requestorURL mounts the requestors' endpoints, with publickey, under a prefix.
func (s *site) requestorURL() string {
	s.t.Helper()
	server := httptest.NewServer(http.StripPrefix("/api", s.Irma.RequestorHandler()))
	s.t.Cleanup(server.Close)
	return server.URL + "/api"
}

// TestSignedWithoutKey asks for what only a server with a key has (spec 05 §4),
// also for sessions that there are not.
func TestSignedWithoutKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	url := s.requestorURL()
	session := s.start(discloseOver18)
	for _, token := range []string{string(session.Token), strings.Repeat("a", 20)} {
		for _, path := range []string{"/result-jwt", "/getproof"} {
			wantError(t, s.do("GET", url+"/session/"+token+path, ""), irma.ErrException, "JWT signing not supported")
		}
	}
	wantError(t, s.do("GET", url+"/publickey", ""), irma.ErrUnsupported, "no JWT private key")
}

// publicKey fetches the key of signed results.
func (s *site) publicKey(url string) *rsa.PublicKey {
	s.t.Helper()
	got := s.do("GET", url+"/publickey", "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		s.t.Fatalf("public key: %d %s %s", got.status, got.header, got.body)
	}
	block, rest := pem.Decode([]byte(got.body))
	if block == nil || block.Type != "PUBLIC KEY" || len(rest) > 0 {
		s.t.Fatalf("public key is %q", got.body)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		s.t.Fatal(err)
	}
	out, ok := key.(*rsa.PublicKey)
	if !ok {
		s.t.Fatalf("public key is a %T", key)
	}
	return out
}

// TestSigned fetches the public key and signed results of all types over HTTP
// (spec 02 §6.5 to §7).
func TestSigned(t *testing.T) {
	t.Parallel()
	own, sign := signing(t)
	now := time.Unix(time.Now().Unix(), 0)
	s := newSite(t, sign, func(c *irmaserver.Config) { c.Now = func() time.Time { return now } })
	url := s.requestorURL()
	key := s.publicKey(url)
	if !key.Equal(&own.PublicKey) {
		t.Fatal("the public key is another one")
	}
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, personalData)

	combined := irma.NewIssuanceRequest(ageLimits)
	combined.Disclose = irma.NewDisclosureRequest(prefixID).Disclose
	tests := map[string]struct {
		request                   *irma.SessionRequest
		resultSubject, oldSubject string
		attributes                map[string]any
	}{
		"disclosure": {irma.NewDisclosureRequest(familyNameID, prefixID), "disclosing_result", "disclosure_result", map[string]any{familyNameID: "Stuivezand", prefixID: ""}},
		"signature":  {irma.NewSignatureRequest("I owe you everything", familyNameID), "signing_result", "abs_result", map[string]any{familyNameID: "Stuivezand"}},
		"issuance":   {combined, "issuing_result", "issue_result", map[string]any{prefixID: ""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			session := s.Start(t, &irma.ExtendedRequest{Validity: 300, Request: test.request})
			for _, finished := range []bool{false, true} {
				if finished {
					if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
						t.Fatal(err)
					}
				}
				head := map[string]any{"iss": "our server", "iat": float64(now.Unix()), "exp": float64(now.Unix() + 300)}
				want := s.object(url + "/session/" + string(session.Token) + "/result")
				s.wantClaims(key, url+"/session/"+string(session.Token)+"/result-jwt", head, map[string]any{"sub": test.resultSubject}, want)

				proof := map[string]any{"sub": test.oldSubject, "attributes": map[string]any{}, "status": ""}
				if finished {
					proof["attributes"], proof["status"] = test.attributes, "VALID"
				}
				if signature, ok := want["signature"]; ok {
					proof["signature"] = signature
				}
				s.wantClaims(key, url+"/session/"+string(session.Token)+"/getproof", head, proof)
			}
		})
	}
	unknown := url + "/session/" + strings.Repeat("a", 20)
	wantError(t, s.do("GET", unknown+"/result-jwt", ""), irma.ErrSessionUnknown, "")
	wantError(t, s.do("GET", unknown+"/getproof", ""), irma.ErrSessionUnknown, "")
}

const familyNameID = "irmad-demo.gov.personalData.familyName"

// object fetches a JSON object.
func (s *site) object(url string) map[string]any {
	s.t.Helper()
	return decodeObject(s.t, s.do("GET", url, "").body)
}

func decodeObject(t testing.TB, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// wantClaims fetches a token, verifies it and compares its claims with all of
// the wanted ones together.
func (s *site) wantClaims(key *rsa.PublicKey, url string, claims ...map[string]any) {
	s.t.Helper()
	got := s.do("GET", url, "")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/plain" {
		s.t.Fatalf("%d %s %s", got.status, got.header, got.body)
	}
	want := map[string]any{}
	for _, some := range claims {
		for name, value := range some {
			want[name] = value
		}
	}
	if diff := cmp.Diff(want, decodeObject(s.t, verifyJWT(s.t, key, got.body))); diff != "" {
		s.t.Errorf("claims (-want +got):\n%s", diff)
	}
}
