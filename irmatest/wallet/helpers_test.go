package wallet_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

const (
	over18       irma.AttributeTypeID = "irmad-demo.gov.ageLimits.over18"
	over21       irma.AttributeTypeID = "irmad-demo.gov.ageLimits.over21"
	ageLimits    irma.AttributeTypeID = "irmad-demo.gov.ageLimits"
	city         irma.AttributeTypeID = "irmad-demo.gov.personalData.city"
	familyName   irma.AttributeTypeID = "irmad-demo.gov.personalData.familyName"
	prefix       irma.AttributeTypeID = "irmad-demo.gov.personalData.prefix"
	bsn          irma.AttributeTypeID = "irmad-demo.gov.root.bsn"
	votingNumber irma.AttributeTypeID = "irmad-demo.vote.ballot.votingNumber"
)

func ageCredential() irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}
}

func personCredential(city string) irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.personalData",
		Attributes:       map[string]string{"firstName": "Ada", "familyName": "Lovelace", "birthDate": "10-12-1815", "city": city},
	}
}

func rootCredential(bsn string) irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.root",
		Attributes:       map[string]string{"bsn": bsn},
	}
}

func ballotCredential() irma.CredentialRequest {
	return irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.vote.ballot",
		Attributes:       map[string]string{"election": "council"},
	}
}

func text(s string) *string { return &s }

func con(ids ...irma.AttributeTypeID) irma.Con {
	out := irma.Con{}
	for _, id := range ids {
		out = append(out, irma.AttributeRequest{Type: id})
	}
	return out
}

func withValue(id irma.AttributeTypeID, value string) irma.Con {
	return irma.Con{{Type: id, Value: &value}}
}

func disclosure(discons ...irma.DisCon) *irma.SessionRequest {
	return &irma.SessionRequest{LDContext: irma.ContextDisclosureRequest, Disclose: discons}
}

// values returns the disclosed raw values per disjunction, "-" for null.
func values(result *irma.SessionResult) [][]string {
	var out [][]string
	for _, discon := range result.Disclosed {
		list := []string{}
		for _, attr := range discon {
			if attr.RawValue == nil {
				list = append(list, "-")
				continue
			}
			list = append(list, *attr.RawValue)
		}
		out = append(out, list)
	}
	return out
}

// stock is a saved wallet with two sets of personal data, the second the
// newest, and one each of two other credentials. It is made once.
type stock struct {
	once sync.Once
	data []byte
}

var shared stock

func (s *stock) fill(t *testing.T) {
	server := irmatest.NewServer(t)
	w := server.NewWallet(t, wallet.Config{})
	server.Issue(t, w, personCredential("Utrecht"), ageCredential(), rootCredential("999"))
	server.Issue(t, w, personCredential("London"))
	var saved bytes.Buffer
	if err := w.Save(&saved); err != nil {
		t.Fatal(err)
	}
	s.data = saved.Bytes()
}

// fixture is a server and a wallet with the credentials of the stock.
func fixture(t *testing.T, cfg wallet.Config) (*irmatest.Server, *wallet.Wallet) {
	t.Helper()
	shared.once.Do(func() { shared.fill(t) })
	server := irmatest.NewServer(t)
	return server, filled(t, server, cfg)
}

// filled is a wallet with the credentials of the stock.
func filled(t *testing.T, server *irmatest.Server, cfg wallet.Config) *wallet.Wallet {
	t.Helper()
	w := server.NewWallet(t, cfg)
	if err := w.Load(bytes.NewReader(shared.data)); err != nil {
		t.Fatal(err)
	}
	return w
}

// recorder is a transport that remembers requests and can interfere.
type recorder struct {
	answer func(n int, req *http.Request, send func() (*http.Response, error)) (*http.Response, error)

	mu       sync.Mutex
	requests []recorded // guarded by mu
}

type recorded struct {
	method, path, body string
	header             http.Header
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	seen := recorded{method: req.Method, path: req.URL.Path, header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		seen.body = string(body)
		req.Body = io.NopCloser(strings.NewReader(seen.body))
	}
	r.mu.Lock()
	r.requests = append(r.requests, seen)
	n := len(r.requests)
	r.mu.Unlock()
	send := func() (*http.Response, error) { return http.DefaultTransport.RoundTrip(req) }
	if r.answer == nil {
		return send()
	}
	return r.answer(n, req, send)
}

func (r *recorder) client() *http.Client { return &http.Client{Transport: r} }

// summary returns the requests as "METHOD /last-part", with the token cut out.
func (r *recorder) summary() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, seen := range r.requests {
		_, rest, _ := strings.Cut(seen.path, "/session/")
		_, rest, _ = strings.Cut(rest, "/")
		out = append(out, seen.method+" /"+rest)
	}
	return out
}

// script serves fixed answers by "METHOD /path" below the session; anything else
// is answered with 200 and nothing.
func script(t *testing.T, answers map[string]string) string {
	t.Helper()
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, answers[r.Method+" "+strings.TrimPrefix(r.URL.Path, "/session/token")])
	}))
	t.Cleanup(listener.Close)
	return listener.URL + "/session/token"
}

// copyOf returns another wallet with the same secret key and credentials.
func copyOf(t *testing.T, w *wallet.Wallet, server *irmatest.Server, cfg wallet.Config) *wallet.Wallet {
	t.Helper()
	var saved bytes.Buffer
	if err := w.Save(&saved); err != nil {
		t.Fatal(err)
	}
	out := server.NewWallet(t, cfg)
	if err := out.Load(&saved); err != nil {
		t.Fatal(err)
	}
	return out
}

// sendJSON sends the request with another body.
func sendJSON(req *http.Request, body any) (*http.Response, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	return http.DefaultTransport.RoundTrip(out)
}

// frontendPost does what a frontend does and returns the answer.
func frontendPost(t *testing.T, url string, authorization irma.FrontendAuthorization, body any) []byte {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", url, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", string(authorization))
	return fetch(t, req)
}

func sendDelete(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "DELETE", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	fetch(t, req)
}

func fetch(t *testing.T, req *http.Request) []byte {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s (%v)", req.Method, req.URL, resp.Status, answer, err)
	}
	return answer
}
