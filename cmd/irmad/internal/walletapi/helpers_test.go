package walletapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
)

// suite is a test suite that drives a wallet over HTTP, and a server to test with.
type suite struct {
	server *irmatest.Server
	api    *walletapi.Server
	url    string
}

func newSuite(t *testing.T, change func(*walletapi.Config)) *suite {
	t.Helper()
	server := irmatest.NewServer(t)
	cfg := walletapi.Config{Schemes: server.Schemes, Issuer: server.Irma.StartSession, Hosts: []string{"Wallet"}}
	if change != nil {
		change(&cfg)
	}
	api, err := walletapi.New(cfg)
	must(t, err)
	web := httptest.NewServer(api)
	t.Cleanup(web.Close)
	t.Cleanup(api.Close) // before the listener, which waits for requests
	return &suite{server, api, web.URL}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// send makes a request; headers are "Name: value".
func (s *suite) send(t *testing.T, method, path, body string, headers ...string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, answer
}

// ask makes a request that succeeds, and reads the answer.
func ask[T any](t *testing.T, s *suite, method, path, body string) T {
	t.Helper()
	status, answer := s.send(t, method, path, body)
	var out T
	if err := json.Unmarshal(answer, &out); err != nil || status != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, status, answer, err)
	}
	return out
}

// perform starts a session and lets the wallet do it; more are the other members
// of the request.
func (s *suite) perform(t *testing.T, request irma.Request, more string) (walletapi.View, *irma.SessionPackage) {
	t.Helper()
	pkg := s.server.Start(t, request)
	return ask[walletapi.View](t, s, "POST", "/sessions", `{"pointer":`+encode(t, pkg.SessionPtr)+more+`}`), pkg
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return string(text)
}

// pair turns pairing on, and confirm ends it, as a web page does.
func pair(t *testing.T, pkg *irma.SessionPackage) {
	t.Helper()
	frontend(t, pkg, "/frontend/options", `{"@context":"https://irma.app/ld/request/frontendoptions/v1","pairingMethod":"pin"}`)
}

func confirm(t *testing.T, pkg *irma.SessionPackage) {
	t.Helper()
	frontend(t, pkg, "/frontend/pairingcompleted", "")
}

func frontend(t *testing.T, pkg *irma.SessionPackage, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, pkg.SessionPtr.URL+path, bytes.NewBufferString(body))
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", string(pkg.FrontendRequest.Authorization))
	resp, err := http.DefaultClient.Do(req)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("%s: %s", path, resp.Status)
	}
}

const ages = `[{"credential":"irmad-demo.gov.ageLimits","attributes":{"over12":"yes","over16":"yes","over18":"yes","over21":"no"}}]`

var root = irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.root", Attributes: map[string]string{"bsn": "1"}}
