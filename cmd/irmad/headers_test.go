package main

import (
	"net/http"
	"testing"
	"time"
)

// TestHeaders asks for answers of all kinds: nobody may keep them, or take them
// for something else than they are.
func TestHeaders(t *testing.T) {
	t.Parallel()
	server := start(t, "--address-rate-limit=4")
	server.await(t, "/health")
	c := newClient(t, server.url)
	pkg := c.begin(ageRequest)
	session, wallet := "/session/"+string(pkg.Token), pkg.SessionPtr.URL[len(server.url):]
	for _, ask := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", session + "/status", "", 200},
		{"GET", session + "/result", "", 200},
		{"GET", session + "/result-jwt", "", 500},
		{"GET", "/publickey", "", 501},
		{"GET", wallet + "/status", "", 200},
		{"DELETE", wallet, "", 200},
		{"DELETE", session, "", 200},
		{"DELETE", "/session/aaaaaaaaaaaaaaaaaaaa", "", 400},
		{"PUT", session, "", 405},
		{"GET", "/nothing", "", 404},
		{"GET", "/irma/nothing", "", 404},
		{"GET", "/health", "", 200},
		{"POST", "/health", "", 405},
		{"GET", "/ready", "", 200},
		{"POST", "/ready", "", 405},
		{"GET", "/openapi.json", "", 200},
		{"POST", "/openapi.json", "", 405},
		{"POST", "/session", ageRequest, 200},
		{"POST", "/session", "{", 400},
		{"POST", "/session", ageRequest, 200},
		{"POST", "/session", ageRequest, 429},
	} {
		resp, body := c.request(ask.method, ask.path, ask.body)
		if resp.StatusCode != ask.status {
			t.Errorf("%s %s: %s %s, want %d", ask.method, ask.path, resp.Status, body, ask.status)
		}
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: header %v", ask.method, ask.path, resp.Header)
		}
	}
	// Event streams are not kept either, and proxies must not transform them.
	resp, _ := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/statusevents", "")
	if resp.Header.Get("Cache-Control") == "" {
		t.Errorf("statusevents: header %v", resp.Header)
	}
	server.stop()
}

// TestUnknownTokenIsRefusedAtOnce sends a token that nobody has, and then a body
// that never comes.
func TestUnknownTokenIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	server := start(t, "--no-auth=false", "--requestors", `{"App":{"auth_method":"token","key":"`+appToken+`"}}`)
	server.await(t, "/health")
	conn := dialSlow(t, server.url, "POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: "+shopToken+"\r\nContent-Length: 5000\r\n\r\n{")
	defer conn.Close()
	resp := readAnswer(t, conn)
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %s, want 403", resp.Status)
	}
	began := time.Now()
	server.stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v: it waited for the body", took)
	}
}
