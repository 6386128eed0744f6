package irmaserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
)

// site is a running server with its endpoints mounted as a daemon would.
type site struct {
	t testing.TB
	*irmatest.Server
}

func newSite(t testing.TB, opts ...irmatest.Option) *site {
	t.Helper()
	return &site{t: t, Server: irmatest.NewServer(t, opts...)}
}

// reply is an HTTP answer, read completely.
type reply struct {
	status int
	header http.Header
	body   string
}

// do sends a request. headers alternate names and values.
func (s *site) do(method, path, body string, headers ...string) reply {
	s.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = s.URL + path
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(data)}
}

// start starts a session over HTTP.
func (s *site) start(request string) *irma.SessionPackage {
	s.t.Helper()
	got := s.do("POST", "/session", request, "Content-Type", "application/json")
	if got.status != http.StatusOK {
		s.t.Fatalf("starting session: %d %s", got.status, got.body)
	}
	out := new(irma.SessionPackage)
	if err := json.Unmarshal([]byte(got.body), out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

const (
	discloseOver18 = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`
	issueRoot      = `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[{"credential":"irmad-demo.gov.root","attributes":{"bsn":"12345"}}]}`
)

// walletHeaders are those of a wallet with this authorization.
func walletHeaders(authorization string) []string {
	return []string{"Authorization", authorization, "X-IRMA-MinProtocolVersion", "2.4", "X-IRMA-MaxProtocolVersion", "2.9"}
}

// connect connects a wallet, which must succeed.
func (s *site) connect(session *irma.SessionPackage) {
	s.t.Helper()
	got := s.do("GET", session.SessionPtr.URL+"/", "", walletHeaders("wallet")...)
	if got.status != http.StatusOK {
		s.t.Fatalf("connecting: %d %s", got.status, got.body)
	}
}

// bring moves a fresh session into a status.
func (s *site) bring(session *irma.SessionPackage, status irma.Status) {
	s.t.Helper()
	frontend := []string{"Authorization", string(session.FrontendRequest.Authorization)}
	switch status {
	case irma.StatusInitialized:
	case irma.StatusPairing:
		s.do("POST", session.SessionPtr.URL+"/frontend/options", pinOptions, frontend...)
		s.connect(session)
	case irma.StatusConnected:
		s.connect(session)
	case irma.StatusDone:
		s.connect(session)
		s.do("POST", session.SessionPtr.URL+"/proofs", `{"proofs":[],"indices":[]}`, walletHeaders("wallet")...)
	case irma.StatusCancelled:
		s.do("DELETE", session.SessionPtr.URL, "")
	default:
		s.t.Fatalf("cannot bring a session into %s", status)
	}
	if got := s.status(session); got != status {
		s.t.Fatalf("session is %s, want %s", got, status)
	}
}

func (s *site) status(session *irma.SessionPackage) irma.Status {
	s.t.Helper()
	status, err := s.Irma.Status(s.t.Context(), session.Token)
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

const pinOptions = `{"@context":"https://irma.app/ld/request/frontendoptions/v1","pairingMethod":"pin"}`

// advises reports whether the message of such an error only says what to do.
func advises(err *irma.Error) bool {
	return err.Is(irma.ErrNotFound) || err.Is(irma.ErrMethodNotAllowed) || err.Is(irma.ErrSessionUnknown)
}

// wantError checks an error answer: status, name, and a part of the message.
func wantError(t testing.TB, got reply, want *irma.Error, message string) {
	t.Helper()
	var sent irma.Error
	decoder := json.NewDecoder(bytes.NewBufferString(got.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&sent); err != nil {
		t.Errorf("%d %q is not an error object: %v", got.status, got.body, err)
		return
	}
	if got.status != want.Status || sent.Status != want.Status || sent.Name != want.Name || sent.Description != want.Description {
		t.Errorf("got %d %s, want %d %s %q", got.status, got.body, want.Status, want.Name, want.Description)
	}
	if !strings.Contains(sent.Message, message) || message == "" && sent.Message != "" && !advises(want) {
		t.Errorf("message is %q, want it to have %q", sent.Message, message)
	}
	if got.header.Get("Content-Type") != "application/json; charset=UTF-8" {
		t.Errorf("content type is %q", got.header.Get("Content-Type"))
	}
}
