package walletapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/walletapi"
	"github.com/irmad/irmaserver/irma"
)

// What is refused, with which error, and what the message says about it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newSuite(t, nil)
	const ptr = `{"u":"http://127.0.0.1:1/irma/session/x","irmaqr":"disclosing"}`
	for name, tt := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		error, message     string
	}{
		"another name":        {"GET", "/credentials", "", []string{"Host: evil.example:8090"}, 403, "UNKNOWN_HOST", "--allow-host"},
		"almost localhost":    {"POST", "/sessions", ptr, []string{"Host: localhost.evil.example"}, 403, "UNKNOWN_HOST", "localhost"},
		"almost an address":   {"GET", "/", "", []string{"Host: 127.0.0.1.evil.example"}, 403, "UNKNOWN_HOST", "localhost"},
		"page elsewhere":      {"POST", "/sessions", ptr, []string{"Origin: https://evil.example"}, 403, "CROSS_ORIGIN", "from the test"},
		"page, fetched":       {"DELETE", "/credentials", "", []string{"Sec-Fetch-Site: cross-site"}, 403, "CROSS_ORIGIN", "from the test"},
		"form":                {"POST", "/sessions", "a=b", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "UNSUPPORTED", "application/json"},
		"text":                {"POST", "/credentials", ages, []string{"Content-Type: text/plain"}, 415, "UNSUPPORTED", "application/json"},
		"too long":            {"POST", "/sessions", strings.Repeat(" ", walletapi.MaxBody+1), nil, 413, "MALFORMED_INPUT", "262144"},
		"nothing":             {"POST", "/sessions", "", nil, 400, "MALFORMED_INPUT", `"pointer"`},
		"torn":                {"POST", "/sessions", "{", nil, 400, "MALFORMED_INPUT", `"pointer"`},
		"list":                {"POST", "/sessions", "[]", nil, 400, "MALFORMED_INPUT", `"pointer"`},
		"null":                {"POST", "/sessions", "null", nil, 400, "MALFORMED_INPUT", "session pointer must be"},
		"no pointer":          {"POST", "/sessions", `{"refuse":true}`, nil, 400, "MALFORMED_INPUT", `lacks "u"`},
		"null pointer":        {"POST", "/sessions", `{"pointer":null}`, nil, 400, "MALFORMED_INPUT", "session pointer must be"},
		"number":              {"POST", "/sessions", `{"pointer":5}`, nil, 400, "MALFORMED_INPUT", "session pointer must be"},
		"URL":                 {"POST", "/sessions", `{"pointer":"http://localhost/"}`, nil, 400, "MALFORMED_INPUT", "session pointer must be"},
		"misspelt":            {"POST", "/sessions", `{"pointer":` + ptr + `,"chose":[1]}`, nil, 400, "MALFORMED_INPUT", `"chose"`},
		"wrong type":          {"POST", "/sessions", `{"pointer":` + ptr + `,"choose":1}`, nil, 400, "MALFORMED_INPUT", "choose"},
		"contradiction":       {"POST", "/sessions", `{"pointer":` + ptr + `,"refuse":true,"all":true}`, nil, 400, "MALFORMED_INPUT", "only one of"},
		"unknown session":     {"GET", "/sessions/x", "", nil, 404, "INVALID_REQUEST", "no such session"},
		"unknown to stop":     {"DELETE", "/sessions/x", "", nil, 404, "INVALID_REQUEST", "no such session"},
		"list of sessions":    {"GET", "/sessions", "", nil, 405, "INVALID_REQUEST", "POST"},
		"another method":      {"PUT", "/credentials", ages, nil, 405, "INVALID_REQUEST", "GET, POST, DELETE"},
		"another path":        {"GET", "/wallet", "", nil, 404, "INVALID_REQUEST", "/sessions"},
		"no credentials":      {"POST", "/credentials", "", nil, 400, "MALFORMED_INPUT", `"credential"`},
		"one credential":      {"POST", "/credentials", "{}", nil, 400, "MALFORMED_INPUT", `"credential"`},
		"more after it":       {"POST", "/credentials", `[],"disclose":[]`, nil, 400, "MALFORMED_INPUT", `"credential"`},
		"empty list":          {"POST", "/credentials", "[]", nil, 400, "INVALID_REQUEST", ""},
		"unknown credential":  {"POST", "/credentials", `[{"credential":"irmad-demo.gov.rot","attributes":{"bsn":"1"}}]`, nil, 400, "INVALID_REQUEST", "rot"},
		"missing attribute":   {"POST", "/credentials", `[{"credential":"irmad-demo.gov.root","attributes":{}}]`, nil, 400, "INVALID_REQUEST", "bsn"},
		"not even an address": {"GET", "/credentials", "", []string{"Host: evil"}, 403, "UNKNOWN_HOST", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := s.send(t, tt.method, tt.path, tt.body, tt.headers...)
			var got irma.Error
			if err := json.Unmarshal(answer, &got); err != nil {
				t.Fatalf("%v: %s", err, answer)
			}
			if status != tt.status || got.Status != status || string(got.Name) != tt.error || !strings.Contains(got.Message, tt.message) {
				t.Errorf("%d %s, want %d %s with %q", status, answer, tt.status, tt.error, tt.message)
			}
		})
	}
	for _, host := range []string{"localhost:8090", "ci.localhost", "192.0.2.7:8090", "[::1]:8090", "wallet:8090", "WALLET."} {
		if status, answer := s.send(t, "GET", "/credentials", "", "Host: "+host); status != http.StatusOK {
			t.Errorf("%s: %d %s", host, status, answer)
		}
	}
}

// A session that the wallet cannot begin is a session that failed, not an error of
// the API.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := newSuite(t, nil)
	got := ask[walletapi.View](t, s, "POST", "/sessions", `{"u":"http://127.0.0.1:1/irma/session/x","irmaqr":"disclosing"}`)
	if got.State != walletapi.StateDone || got.Success || got.Reason != walletapi.Failed || !strings.Contains(got.Error, "connect") {
		t.Errorf("session %+v", got)
	}
}

// The wallet is in so many sessions at once, and remembers so many.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := newSuite(t, nil)
	var first, last string
	for range walletapi.MaxRunning {
		pkg := s.server.Start(t, irma.NewIssuanceRequest(root))
		pair(t, pkg)
		last = ask[walletapi.View](t, s, "POST", "/sessions", encode(t, pkg)).ID
		if first == "" {
			first = last
		}
	}
	nowhere := `{"u":"` + s.server.URL + `/irma/session/aaaaaaaaaaaaaaaaaaaa","irmaqr":"disclosing"}`
	if status, answer := s.send(t, "POST", "/sessions", nowhere); status != http.StatusTooManyRequests {
		t.Errorf("one more: %d %s", status, answer)
	}
	ask[walletapi.View](t, s, "DELETE", "/sessions/"+first, "")
	for range walletapi.MaxFinished {
		ask[walletapi.View](t, s, "POST", "/sessions", nowhere)
	}
	if status, answer := s.send(t, "GET", "/sessions/"+first, ""); status != http.StatusNotFound || !strings.Contains(string(answer), fmt.Sprint(walletapi.MaxFinished)) {
		t.Errorf("the oldest: %d %s", status, answer)
	}
	s.api.Close()
	got := ask[walletapi.View](t, s, "GET", "/sessions/"+last, "")
	if got.State != walletapi.StateDone || got.Reason != walletapi.Stopped {
		t.Errorf("at the end: %+v", got)
	}
	if status, answer := s.send(t, "POST", "/sessions", nowhere); status != http.StatusServiceUnavailable {
		t.Errorf("after the end: %d %s", status, answer)
	}
}

func FuzzPerform(f *testing.F) {
	f.Add(`{"pointer":{"u":"http://127.0.0.1:1/","irmaqr":"signing"},"choose":[0]}`)
	f.Add(`{"pointer":"irma://qr/json/%7B%7D"}`)
	f.Add(`{"sessionPtr":{"u":"x","irmaqr":"y"},"token":"z"}`)
	f.Fuzz(func(t *testing.T, body string) {
		ptr, decision, err := walletapi.Parse([]byte(body))
		if err == nil && (ptr.URL == "" || ptr.Action == "" || decision.Refuse && decision.All) {
			t.Errorf("took %q for %+v %+v", body, ptr, decision)
		}
	})
}
