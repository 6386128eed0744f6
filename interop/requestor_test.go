package interop_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/privacybydesign/irmago/irma"
)

// waitTimeout bounds every wait for the other side of a session.
const waitTimeout = 30 * time.Second

var httpClient = &http.Client{Timeout: 10 * time.Second}

// requestorSession is a session as the web site that started it sees it.
type requestorSession struct {
	server   *process
	Pointer  irma.Qr                     `json:"sessionPtr"` // content of the QR code
	Token    string                      `json:"token"`
	Frontend irma.FrontendSessionRequest `json:"frontendRequest"`
}

// sessionResult is what the requestor learns in the end.
type sessionResult struct {
	Token       string                 `json:"token"`
	Status      irma.ServerStatus      `json:"status"`
	Type        irma.Action            `json:"type"`
	ProofStatus irma.ProofStatus       `json:"proofStatus"`
	Disclosed   [][]disclosedAttribute `json:"disclosed"`
	Signature   *irma.SignedMessage    `json:"signature"`
	NextSession string                 `json:"nextSession"`
	Error       *irma.RemoteError      `json:"error"`
}

type disclosedAttribute struct {
	ID           string                    `json:"id"`
	RawValue     *string                   `json:"rawvalue"`
	Value        map[string]string         `json:"value"`
	Status       irma.AttributeProofStatus `json:"status"`
	IssuanceTime int64                     `json:"issuancetime"`
}

// present is the attribute id disclosed with a value.
func present(id, value string) disclosedAttribute {
	return disclosedAttribute{
		ID:       id,
		RawValue: &value,
		Value:    map[string]string{"": value, "en": value, "nl": value},
		Status:   irma.AttributeProofStatusPresent,
	}
}

// null is the optional attribute id disclosed without a value.
func null(id string) disclosedAttribute {
	return disclosedAttribute{ID: id, Status: irma.AttributeProofStatusNull}
}

// possession is proof of having a credential of type id.
func possession(id string) disclosedAttribute {
	return present(id, "present")
}

// valid is the result of a session that disclosed something.
func valid(token string, action irma.Action, disclosed ...[]disclosedAttribute) sessionResult {
	return sessionResult{
		Token:       token,
		Status:      irma.ServerStatusDone,
		Type:        action,
		ProofStatus: irma.ProofStatusValid,
		Disclosed:   disclosed,
	}
}

// checkResult compares what was got with what is wanted but for the time of
// issuance, which is not always the same.
func checkResult(t *testing.T, name string, want, got sessionResult) {
	t.Helper()
	if diff := cmp.Diff(want, got, ignoreIssuanceTime); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// startSession starts a session with a session request in JSON.
func startSession(t *testing.T, request string) *requestorSession {
	t.Helper()
	return server.startSession(t, request)
}

func (p *process) startSession(t *testing.T, request string) *requestorSession {
	t.Helper()
	s := &requestorSession{server: p}
	call(t, http.MethodPost, p.url+"/session", "", request, s)
	if err := s.Pointer.Validate(); err != nil || s.Token == "" {
		t.Fatalf("session package is incomplete (%v): %+v", err, s)
	}
	return s
}

// cancel ends the session from the requestor's side.
func (s *requestorSession) cancel(t *testing.T) {
	t.Helper()
	call(t, http.MethodDelete, s.server.url+"/session/"+s.Token, "", "", nil)
}

// result returns the present result.
func (s *requestorSession) result(t *testing.T) sessionResult {
	t.Helper()
	var r sessionResult
	call(t, http.MethodGet, s.server.url+"/session/"+s.Token+"/result", "", "", &r)
	return r
}

// finished waits for the session to end. A wallet that refuses tells its user
// before it tells the server, so the result may come a moment later.
func (s *requestorSession) finished(t *testing.T) sessionResult {
	t.Helper()
	deadline := time.After(waitTimeout)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		r := s.result(t)
		if r.Status.Finished() {
			return r
		}
		select {
		case <-deadline:
			t.Fatalf("session is still %s after %s", r.Status, waitTimeout)
		case <-tick.C:
		}
	}
}

// frontend does what the requestor's page in the browser does: a POST to one
// of the frontend endpoints of the session.
func (s *requestorSession) frontend(t *testing.T, path, body string, dest any) {
	t.Helper()
	call(t, http.MethodPost, s.Pointer.URL+"/frontend/"+path, string(s.Frontend.Authorization), body, dest)
}

// call does one HTTP request, which must succeed, and decodes the answer into
// dest unless that is nil.
func call(t *testing.T, method, url, authorization, body string, dest any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("reading answer to %s %s: %v", method, url, err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s: status %d: %s", method, url, resp.StatusCode, answer)
	}
	if dest == nil {
		return
	}
	if err := json.Unmarshal(answer, dest); err != nil {
		t.Fatalf("decoding answer to %s %s: %v: %s", method, url, err, answer)
	}
}
