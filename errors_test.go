package irmaserver_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

// held is what a wallet gets for a message that is kept from the server. It does
// not try again, as it would without an answer.
func held() *http.Response {
	w := httptest.NewRecorder()
	w.WriteHeader(http.StatusTeapot)
	return w.Result()
}

// holder passes on a wallet's requests but for its final message, and the
// cancellation that follows.
type holder struct {
	off                bool // passes on everything
	url, authorization string
	body               []byte
}

func (h *holder) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.off {
		return http.DefaultTransport.RoundTrip(r)
	}
	switch r.Method {
	case http.MethodDelete:
		return held(), nil
	case http.MethodPost:
		h.url, h.authorization = r.URL.String(), r.Header.Get("Authorization")
		var err error
		if h.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return held(), nil
	}
	return http.DefaultTransport.RoundTrip(r)
}

// hold lets the wallet do a session up to its final message, and returns that.
func (s *site) hold(w *wallet.Wallet, h *holder, request irma.Request) (*irma.SessionPackage, map[string]any) {
	s.t.Helper()
	session := s.Start(s.t, request)
	h.body = nil
	if _, err := w.Perform(s.t.Context(), session.SessionPtr); h.body == nil {
		s.t.Fatalf("wallet sent no message: %v", err)
	}
	var message map[string]any
	if err := json.Unmarshal(h.body, &message); err != nil {
		s.t.Fatal(err)
	}
	return session, message
}

// TestRejectedMessages sends wallets' final messages with something wrong in
// them: what the wallet is told, and what the requestor (spec 05 §5). Indices
// that point nowhere are no answer to the request (spec 12).
func TestRejectedMessages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := &holder{off: true}
	w := s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: h}})
	s.Issue(t, w, ageLimits)
	h.off = false

	disclosure := irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")
	issuance := irma.NewIssuanceRequest(personalData)
	combined := irma.NewIssuanceRequest(personalData)
	combined.Disclose = disclosure.Disclose
	proof := func(m map[string]any, list string) map[string]any { return m[list].([]any)[0].(map[string]any) }
	disclosed := func(m map[string]any, list string) map[string]any {
		return proof(m, list)["a_disclosed"].(map[string]any)
	}
	unknownKey := func(list string) func(map[string]any) {
		return func(m map[string]any) {
			metadata, err := base64.StdEncoding.DecodeString(disclosed(m, list)["1"].(string))
			if err != nil || len(metadata) != 24 {
				t.Fatalf("metadata is %x, %v", metadata, err)
			}
			metadata[6], metadata[7] = 0xff, 0xfe // the key counter
			disclosed(m, list)["1"] = base64.StdEncoding.EncodeToString(metadata)
		}
	}
	tests := []struct {
		name    string
		request irma.Request
		change  func(message map[string]any)
		err     *irma.Error // nil for 200
		message string
		status  irma.Status
		proofs  irma.ProofStatus
	}{
		{"unchanged", disclosure, func(map[string]any) {}, nil, "", irma.StatusDone, irma.ProofValid},
		{"other value", disclosure, func(m map[string]any) { disclosed(m, "proofs")["4"] = "AQ==" }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"other challenge", disclosure, func(m map[string]any) { proof(m, "proofs")["c"] = "AQ==" }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"unknown key", disclosure, unknownKey("proofs"), irma.ErrUnknownPublicKey, " ", irma.StatusCancelled, ""},
		{"no metadata", disclosure, func(m map[string]any) { delete(disclosed(m, "proofs"), "1") }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"index out of range", disclosure, func(m map[string]any) { m["indices"] = []any{[]any{map[string]any{"cred": 1, "attr": 4}}} }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"negative index", disclosure, func(m map[string]any) { m["indices"] = []any{[]any{map[string]any{"cred": -1, "attr": 4}}} }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"index of a hidden attribute", disclosure, func(m map[string]any) { m["indices"] = []any{[]any{map[string]any{"cred": 0, "attr": 2}}} }, nil, "", irma.StatusDone, irma.ProofMissingAttributes},
		{"null index", disclosure, func(m map[string]any) { m["indices"] = []any{[]any{nil}} }, nil, "", irma.StatusDone, irma.ProofInvalid},
		{"null proof", disclosure, func(m map[string]any) { m["proofs"] = []any{nil} }, irma.ErrMalformedInput, " ", irma.StatusConnected, ""},
		{"no indices", disclosure, func(m map[string]any) { delete(m, "indices") }, nil, "", irma.StatusDone, irma.ProofMissingAttributes},

		{"issuance, unchanged", issuance, func(map[string]any) {}, nil, "", irma.StatusDone, irma.ProofValid},
		{"issuance, other nonce", issuance, func(m map[string]any) { proof(m, "combinedProofs")["c"] = "AQ==" }, irma.ErrInvalidProofs, "", irma.StatusCancelled, irma.ProofInvalid},
		{"issuance, no proofs", issuance, func(m map[string]any) { m["combinedProofs"] = []any{} }, irma.ErrMalformedInput, "Received insufficient proofs", irma.StatusCancelled, ""},
		{"issuance, no nonce", issuance, func(m map[string]any) { delete(m, "n_2") }, irma.ErrMalformedInput, "n_2", irma.StatusConnected, ""},
		{"issuance, unknown key", combined, unknownKey("combinedProofs"), irma.ErrMalformedInput, " ", irma.StatusCancelled, ""},
		{"issuance, disclosure left out", combined, func(m map[string]any) { m["combinedProofs"] = m["combinedProofs"].([]any)[1:]; m["indices"] = []any{} }, irma.ErrInvalidProofs, "", irma.StatusCancelled, irma.ProofInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			session, message := s.hold(w, h, test.request)
			test.change(message)
			body, err := json.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			got := s.do("POST", h.url, string(body), "Authorization", h.authorization)
			if test.err == nil {
				if want := `"proofStatus":"` + string(test.proofs) + `"`; got.status != http.StatusOK || !strings.Contains(got.body, want) {
					t.Errorf("got %d %s, want %s", got.status, got.body, want)
				}
			} else {
				wantError(t, got, test.err, test.message)
			}
			result, err := s.Irma.Result(t.Context(), session.Token)
			if err != nil {
				t.Fatal(err)
			}
			want := &irma.SessionResult{Token: session.Token, Status: test.status, Type: result.Type, ProofStatus: test.proofs}
			if test.status == irma.StatusCancelled {
				want.Err = test.err
			}
			ignored := []cmp.Option{cmpopts.IgnoreFields(irma.SessionResult{}, "Disclosed"), cmpopts.IgnoreFields(irma.Error{}, "Message")}
			if diff := cmp.Diff(want, result, ignored...); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if result.ProofStatus == "" && len(result.Disclosed) > 0 {
				t.Errorf("unverified attributes in the result: %+v", result.Disclosed)
			}
		})
	}
}

// TestMalformedBodies posts what cannot be read, which changes no session (spec
// 05 §3).
func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	large := strings.Repeat(" ", 10<<20) + "{}"
	options := func(rest string) string {
		return `{"@context":"https://irma.app/ld/request/frontendoptions/v1"` + rest + `}`
	}
	tests := []struct {
		name, request, path, body, message string
	}{
		{"proofs, empty", discloseOver18, "/proofs", "", "unexpected end"},
		{"proofs, list", discloseOver18, "/proofs", "[]", " "},
		{"proofs, string", discloseOver18, "/proofs", `"x"`, " "},
		{"proofs, trailing text", discloseOver18, "/proofs", `{"proofs":[],"indices":[]}x`, " "},
		{"proofs, number for list", discloseOver18, "/proofs", `{"proofs":5}`, " "},
		{"proofs, large", discloseOver18, "/proofs", large, "http: request body too large"},
		{"signature, empty", signOver18, "/proofs", "", "unexpected end"},
		{"signature, list", signOver18, "/proofs", "[]", " "},
		{"signature, large", signOver18, "/proofs", large, "http: request body too large"},
		{"commitments, empty", issueRoot, "/commitments", "", "unexpected end"},
		{"commitments, null", issueRoot, "/commitments", "null", " "},
		{"commitments, list", issueRoot, "/commitments", "[]", " "},
		{"commitments, null proof", issueRoot, "/commitments", `{"n_2":1,"combinedProofs":[null]}`, " "},
		{"commitments, large", issueRoot, "/commitments", large, "http: request body too large"},
		{"options, empty", "", "/frontend/options", "", "unexpected end"},
		{"options, garbage", "", "/frontend/options", "foo", "invalid character"},
		{"options, no context", "", "/frontend/options", `{"pairingMethod":"pin"}`, "Not a frontend options request"},
		{"options, null", "", "/frontend/options", `null`, "Not a frontend options request"},
		{"options, other context", "", "/frontend/options", strings.Replace(pinOptions, "frontendoptions", "x", 1), "Not a frontend options request"},
		{"options, number", "", "/frontend/options", options(`,"pairingMethod":5`), " "},
		{"options, trailing text", "", "/frontend/options", options("") + "x", " "},
		{"options, large", "", "/frontend/options", large, "http: request body too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var session *irma.SessionPackage
			headers, want := walletHeaders("wallet"), irma.StatusConnected
			if test.request == "" {
				session = s.start(discloseOver18)
				headers, want = frontendHeaders(session), irma.StatusInitialized
			} else {
				session = s.start(test.request)
				s.connect(session)
			}
			wantError(t, s.do("POST", session.SessionPtr.URL+test.path, test.body, headers...), irma.ErrMalformedInput, test.message)
			if got := s.status(session); got != want {
				t.Errorf("session is %s", got)
			}
		})
	}
	session := s.start(discloseOver18)
	got := s.do("POST", session.SessionPtr.URL+"/frontend/options", options(""), append(frontendHeaders(session), "Content-Type", "image/png")...)
	if want := `{"@context":"https://irma.app/ld/options/v1","pairingMethod":"none"}`; got.body != want {
		t.Errorf("options without a wish: got %d %s, want %s", got.status, got.body, want)
	}
}

const signOver18 = `{"@context":"https://irma.app/ld/request/signature/v2","message":"m","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`

// TestMalformedVersions sends version headers that cannot be read.
func TestMalformedVersions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	for _, name := range []string{"X-IRMA-MinProtocolVersion", "X-IRMA-MaxProtocolVersion"} {
		for _, value := range []string{"", "2", "2.", ".8", "2.8.1", "x.y", "-2.8", "2.8 2.9", `"2.8`, "{}", "99999999999999999999.1"} {
			got := s.do("GET", session.SessionPtr.URL, "", append(walletHeaders("wallet"), name, value)...)
			wantError(t, got, irma.ErrMalformedInput, name)
		}
	}
	for _, quoted := range []string{`"2.8"`, "2.8"} {
		session := s.start(discloseOver18)
		if got := s.do("GET", session.SessionPtr.URL, "", append(walletHeaders("wallet"), "X-IRMA-MinProtocolVersion", quoted, "X-IRMA-MaxProtocolVersion", quoted)...); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", quoted, got.status, got.body)
		}
	}
	if got := s.status(session); got != irma.StatusInitialized {
		t.Errorf("session is %s", got)
	}
}

// TestMalformedStarts completes TestStartRefused with the remaining rows of spec
// 05 §3.
func TestMalformedStarts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, body := range []string{`"x"`, "null", `{"@context":5}`, `{"request":"foo"}`, `{"request":null}`, discloseOver18 + "x", "5", `{"@context":"x"}`} {
		got := s.do("POST", "/session", body, "Content-Type", "application/json")
		wantError(t, got, irma.ErrInvalidRequest, " ")
	}
}

// TestErrorBytes compares whole error bodies with those of other servers (spec
// 05 §1 and §4).
func TestErrorBytes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	tests := []struct{ method, path, want string }{
		{"GET", "/irma/session/" + strings.Repeat("a", 20) + "/status", `{"status":400,"error":"SESSION_UNKNOWN","description":"Unknown or expired session"}`},
		{"GET", "/irma/nothing", `{"status":404,"error":"INVALID_REQUEST"}`},
		{"PUT", session.SessionPtr.URL, `{"status":405,"error":"INVALID_REQUEST"}`},
		{"GET", "/irma/session/short", `{"status":400,"error":"INVALID_REQUEST","description":"Invalid HTTP request","message":"string did not pass input validation for clientToken"}`},
		{"GET", session.SessionPtr.URL + "/frontend/status", `{"status":403,"error":"UNAUTHORIZED","description":"You are not authorized to access the session"}`},
	}
	for _, test := range tests {
		if got := s.do(test.method, test.path, ""); got.body != test.want {
			t.Errorf("%s %s: got %s, want %s", test.method, test.path, got.body, test.want)
		}
	}
	s.do("DELETE", session.SessionPtr.URL, "")
	want := `{"token":"` + string(session.Token) + `","status":"CANCELLED","type":"disclosing"}`
	if got := s.do("GET", "/session/"+string(session.Token)+"/result", ""); got.body != want {
		t.Errorf("result is %s, want %s", got.body, want)
	}
}
