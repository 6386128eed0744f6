package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/golden"
)

// TestMistakesOfRequestors sends what somebody may send on the first day, to a
// server for everybody and to one that knows its requestors.
func TestMistakesOfRequestors(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	open := start(t, "-q")
	closed := start(t, "-q", "--requestors", requestorsJSON(t, state), "--disclose-perms", "", "--sign-perms", "", "--issue-perms", "")
	open.await(t, "/health")
	closed.await(t, "/health")
	defer open.stop()
	defer closed.stop()

	const (
		isJSON, isJWT = "application/json", "text/plain"
		unknownToken  = "/session/abcdefghijklmnopqrst"
		disclose      = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":`
		issue         = `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[{"credential":"irmad-demo.gov.ageLimits","attributes":`
	)
	header := `{"alg":"HS256","typ":"JWT"}`
	sealed := func(iss string, changes claims) string { return forge(header, payload(iss, changes), []byte(citySeal)) }
	got := map[string]string{}
	for name, m := range map[string]struct {
		server                     *running
		method, path, body         string
		contentType, authorization string
	}{
		"a bracket too few":        {server: open, body: disclose + `[["irmad-demo.gov.ageLimits.over18"]]}`},
		"a bracket not closed":     {server: open, body: disclose + `[[["irmad-demo.gov.ageLimits.over18"]]}`},
		"misspelt attribute":       {server: open, body: disclose + `[[["irmad-demo.gov.ageLimits.ovr18"]]]}`},
		"scheme not installed":     {server: open, body: disclose + `[[["pbdf.gemeente.address.city"]]]}`},
		"no @context":              {server: open, body: `{"disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`},
		"no body":                  {server: open, method: "POST"},
		"body too large":           {server: open, body: strings.Repeat(" ", 10<<20+1)},
		"attribute left out":       {server: open, body: issue + `{"over12":"yes"}}]}`},
		"callback without a key":   {server: open, body: `{"callbackUrl":"https://example.com/","request":` + ageRequest + `}`},
		"no content type":          {server: open, body: ageRequest, contentType: "application/x-www-form-urlencoded"},
		"token nobody asked for":   {server: open, body: ageRequest, authorization: appToken},
		"wrong method":             {server: open, path: "/session"},
		"wrong path":               {server: open, path: "/sessions", body: ageRequest},
		"wrong path of a session":  {server: open, path: unknownToken + "/results"},
		"no token of a session":    {server: open, path: "/session/TOKEN/result"},
		"unknown session":          {server: open, path: unknownToken + "/result"},
		"signed without a key":     {server: open, path: "/publickey"},
		"unknown static session":   {server: open, method: "POST", path: "/irma/session/Desk"},
		"no token":                 {server: closed, body: ageRequest},
		"wrong token":              {server: closed, body: ageRequest, authorization: "sesame"},
		"token with Bearer":        {server: closed, body: ageRequest, authorization: "Bearer " + appToken},
		"attribute not permitted":  {server: closed, body: strings.ReplaceAll(ageRequest, "over18", "over21"), authorization: shopToken},
		"issuing not permitted":    {server: closed, body: ageIssuance, authorization: shopToken},
		"JWT as JSON":              {server: closed, body: sealed("City", nil)},
		"JWT of nobody":            {server: closed, body: sealed("Town", nil), contentType: isJWT},
		"JWT with another key":     {server: closed, body: forge(header, payload("City", nil), []byte("sesame")), contentType: isJWT},
		"JWT with HS512":           {server: closed, body: forge(`{"alg":"HS512"}`, payload("City", nil), []byte(citySeal)), contentType: isJWT},
		"JWT with another sub":     {server: closed, body: sealed("City", claims{"sub": "disclosure"}), contentType: isJWT},
		"JWT that has expired":     {server: closed, body: sealed("City", claims{"exp": time.Now().Unix() - 30}), contentType: isJWT},
		"JWT that is old":          {server: closed, body: sealed("City", claims{"iat": time.Now().Unix() - 3600}), contentType: isJWT},
		"JWT without iat":          {server: closed, body: sealed("City", claims{"iat": nil}), contentType: isJWT},
		"JWT with a bare request":  {server: closed, body: sealed("City", claims{"sprequest": json.RawMessage(ageRequest)}), contentType: isJWT},
		"JWT for another kind":     {server: closed, body: sealed("City", claims{"sub": "issue_request"}), contentType: isJWT},
		"JWT instead of API token": {server: closed, body: ageRequest, authorization: "Bearer " + sealed("City", nil)},
	} {
		if m.body != "" || m.method == http.MethodPost && m.path == "" {
			m.method = http.MethodPost
			if m.path == "" {
				m.path = "/session"
			}
			if m.contentType == "" {
				m.contentType = isJSON
			}
		} else if m.method == "" {
			m.method = http.MethodGet
		}
		c := &client{t: t, url: m.server.url}
		resp, body := c.request(m.method, m.path, m.body, "Content-Type", m.contentType, "Authorization", m.authorization)
		got[name] = m.method + " " + m.path + "\n" + resp.Status + allow(resp) + " " + ago.ReplaceAllString(strings.TrimSpace(body), "$1 N ago") + "\n"
	}
	golden.Compare(t, filepath.Join("testdata", "messages", "requestors.txt"), got)
}

// ago is a length of time until now.
var ago = regexp.MustCompile(`(its iat is|is expired by) [0-9hms]+( ago)?`)

func allow(resp *http.Response) string {
	if methods := resp.Header.Get("Allow"); methods != "" {
		return " (Allow: " + methods + ")"
	}
	return ""
}
