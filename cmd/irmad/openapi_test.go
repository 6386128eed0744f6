package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/openapi"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// description compares what passes by with the description of the endpoints.
type description struct {
	paths   members
	checker schemaChecker

	mu       sync.Mutex // guards all below
	problems []string
	seen     map[string]bool // operations that were answered as described, with a success
}

func newDescription(t *testing.T) *description {
	t.Helper()
	var doc members
	if err := json.Unmarshal(openapi.Document("/"), &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc["components"].(members)["schemas"].(members)
	return &description{paths: doc["paths"].(members), checker: schemaChecker{schemas}, seen: map[string]bool{}}
}

// RoundTrip implements http.RoundTripper.
func (d *description) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	operation, problem := d.judge(req, resp)
	d.mu.Lock()
	defer d.mu.Unlock()
	if problem != "" {
		d.problems = append(d.problems, fmt.Sprintf("%s %s: %d: %s", req.Method, req.URL.Path, resp.StatusCode, problem))
	} else if resp.StatusCode < 300 {
		d.seen[operation] = true
	}
	return resp, nil
}

func (d *description) judge(req *http.Request, resp *http.Response) (operation, problem string) {
	item := d.find(req.URL.Path)
	described, ok := item[strings.ToLower(req.Method)].(members)
	if !ok {
		return "", "not described"
	}
	response, ok := described["responses"].(members)[fmt.Sprint(resp.StatusCode)].(members)
	if !ok {
		return "", "status not described"
	}
	operation = described["operationId"].(string)
	content, _ := response["content"].(members)
	mediaType, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	media, ok := content[mediaType].(members)
	switch {
	case content == nil && resp.ContentLength == 0:
		return operation, ""
	case !ok:
		return operation, fmt.Sprintf("content of type %q and length %d is not described", mediaType, resp.ContentLength)
	case mediaType != "application/json":
		return operation, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return operation, err.Error()
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return operation, err.Error()
	}
	return operation, d.checker.check("body", media["schema"].(members), value)
}

// find returns the description of a path.
func (d *description) find(path string) members {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for pattern, item := range d.paths {
		match := func(part, pattern string) bool { return part == pattern || strings.HasPrefix(pattern, "{") }
		if slices.EqualFunc(parts, strings.Split(pattern, "/"), match) {
			return item.(members)
		}
	}
	return nil
}

// visitor uses the endpoints like requestors and frontends do.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
}

func (v *visitor) do(method, url, authorization, body string) string {
	v.t.Helper()
	ctx, cancel := context.WithCancel(v.t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", authorization)
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	if strings.HasSuffix(url, "events") {
		return ""
	}
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return string(out)
}

func (v *visitor) start(request any) (session irma.SessionPackage) {
	v.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		v.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(v.do("POST", v.url+"/session", "", string(body))), &session); err != nil {
		v.t.Fatal(err)
	}
	return session
}

// follow asks all there is to ask about a session.
func (v *visitor) follow(session irma.SessionPackage) {
	v.t.Helper()
	for _, below := range []string{"/status", "/statusevents", "/result", "/result-jwt", "/getproof"} {
		v.do("GET", v.url+"/session/"+string(session.Token)+below, "", "")
	}
	for _, below := range []string{"/status", "/statusevents", "/frontend/status", "/frontend/statusevents"} {
		v.do("GET", session.SessionPtr.URL+below, string(session.FrontendRequest.Authorization), "")
	}
}

// TestDescribed does sessions of all kinds and compares each answer with the
// description, which must have been used to the last operation.
func TestDescribed(t *testing.T) {
	t.Parallel()
	d := newDescription(t)
	static := `{"login": {"callbackUrl": "http://127.0.0.1:1/", "request": {"@context": "` + irma.ContextDisclosureRequest + `", "disclose": [[["` + string(demoAttribute) + `"]]]}}}`
	_, key := newKey(t)
	server := launch(t, "--static-sessions", static, "--jwt-privkey", key)
	v := &visitor{t, server.url, &http.Client{Transport: d}}
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	phone, err := wallet.New(schemes, wallet.Config{HTTPClient: v.client})
	if err != nil {
		t.Fatal(err)
	}
	perform := func(ptr irma.SessionPointer) {
		t.Helper()
		if _, err := phone.Perform(t.Context(), ptr); err != nil {
			t.Error(err)
		}
	}
	for _, request := range []irma.Request{
		irma.NewIssuanceRequest(irma.CredentialRequest{
			CredentialTypeID: demoCredential,
			Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
		}),
		irma.NewDisclosureRequest(demoAttribute),
		irma.NewSignatureRequest("I am of age", demoAttribute),
	} {
		session := v.start(request)
		v.follow(session)
		perform(session.SessionPtr)
		v.follow(session)
	}
	legacy := v.start(members{"type": "disclosing", "content": []any{members{"label": "age", "attributes": []string{string(demoAttribute)}}}})
	perform(legacy.SessionPtr)
	v.follow(legacy)

	pairing := v.start(irma.NewDisclosureRequest(demoAttribute))
	authorization := string(pairing.FrontendRequest.Authorization)
	v.do("POST", pairing.SessionPtr.URL+"/frontend/options", authorization, `{"@context":"`+irma.ContextFrontendOptions+`","pairingMethod":"pin"}`)
	v.do("POST", pairing.SessionPtr.URL+"/frontend/pairingcompleted", authorization, "") // refused: no wallet yet
	paired := make(chan error, 1)
	go func() {
		_, err := phone.Perform(t.Context(), pairing.SessionPtr)
		paired <- err
	}()
	if err := awaitText(t.Context(), pairing.SessionPtr.URL+"/status", "PAIRING"); err != nil {
		t.Fatal(err)
	}
	v.do("POST", pairing.SessionPtr.URL+"/frontend/pairingcompleted", authorization, "")
	if err := <-paired; err != nil {
		t.Error(err)
	}

	var pointer irma.SessionPointer
	if err := json.Unmarshal([]byte(v.do("POST", server.url+"/irma/session/login", "", "")), &pointer); err != nil {
		t.Fatal(err)
	}
	v.do("DELETE", pointer.URL, "", "")
	cancelled := v.start(irma.NewDisclosureRequest(demoAttribute))
	v.do("DELETE", server.url+"/session/"+string(cancelled.Token), "", "")
	v.follow(cancelled)

	const unknown = "00000000000000000000"
	v.follow(irma.SessionPackage{Token: unknown, SessionPtr: irma.SessionPointer{URL: server.url + "/irma/session/" + unknown}})
	v.do("GET", server.url+"/session/short/result", "", "")
	v.do("POST", server.url+"/session", "", `{"@context":"nothing"}`)
	v.do("POST", server.url+"/irma/session/nobody", "", "")
	v.do("GET", server.url+"/irma/session/"+unknown, "", "")
	for _, path := range []string{"/health", "/ready", "/publickey", "/openapi.json"} {
		v.do("GET", server.url+path, "", "")
	}
	v.url = server.admin
	v.do("GET", server.admin+"/ready", "", "")

	for _, problem := range d.problems {
		t.Error(problem)
	}
	for path, item := range d.paths {
		for method, operation := range item.(members) {
			if method == "parameters" {
				continue
			}
			if id := operation.(members)["operationId"].(string); !d.seen[id] {
				t.Errorf("%s %s, %s, was not answered with a success", method, path, id)
			}
		}
	}
}

// Endpoints have no methods but those that are described.
func TestMethodsDescribed(t *testing.T) {
	t.Parallel()
	d := newDescription(t)
	server := launch(t)
	v := &visitor{t, server.url, http.DefaultClient}
	session := v.start(irma.NewDisclosureRequest(demoAttribute))
	replace := strings.NewReplacer("{requestorToken}", string(session.Token), "{clientToken}", session.SessionPtr.URL[strings.LastIndex(session.SessionPtr.URL, "/")+1:])
	for path, item := range d.paths {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"} {
			if _, described := item.(members)[strings.ToLower(method)]; described {
				continue
			}
			req, err := http.NewRequestWithContext(t.Context(), method, server.url+replace.Replace(path), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", string(session.FrontendRequest.Authorization))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusNotFound && resp.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d; describe it", method, path, resp.StatusCode)
			}
		}
	}
}
