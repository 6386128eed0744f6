package main

import (
	"context"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

const (
	appToken  = "app-token-0123456789"
	shopToken = "shop-token-0123456789"
	citySeal  = "0123456789abcdef0123456789abcdef"
	bankSeal  = "fedcba9876543210fedcba9876543210"
	kioskSeal = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

// publicPEM returns the public key as it is configured.
func publicPEM(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// requestorsJSON has requestors of each method. The shop may ask for one
// attribute, the others for everything.
func requestorsJSON(t *testing.T, state *rsa.PrivateKey) string {
	t.Helper()
	all := []string{"*"}
	text, err := json.Marshal(map[string]any{
		"App":   map[string]any{"auth_method": "token", "key": appToken, "disclose_perms": all, "issue_perms": all},
		"shop":  map[string]any{"auth_method": "token", "key": shopToken, "disclose_perms": []string{"irmad-demo.gov.ageLimits.over18"}},
		"City":  map[string]any{"auth_method": "hmac", "key": base64.StdEncoding.EncodeToString([]byte(citySeal)), "disclose_perms": all},
		"kiosk": map[string]any{"auth_method": "hmac", "key": base64.RawURLEncoding.EncodeToString([]byte(kioskSeal)), "disclose_perms": []string{"irmad-demo.gov.ageLimits.over12"}, "issue_perms": []string{"irmad-demo.vote.*"}, "host_perms": []string{"*.kiosk.example"}},
		"bank":  map[string]any{"auth_method": "hmac", "key": base64.StdEncoding.EncodeToString([]byte(bankSeal)), "disclose_perms": []string{"irmad-demo.gov.ageLimits.*"}},
		"State": map[string]any{"auth_method": "publickey", "key": publicPEM(t, state), "disclose_perms": all},
	})
	must(t, err)
	return string(text)
}

type claims map[string]any

// payload returns the claims of a request for an age, changed.
func payload(iss string, changes claims) []byte {
	c := claims{
		"iss": iss, "sub": "verification_request", "iat": time.Now().Unix(),
		"sprequest": map[string]any{"request": json.RawMessage(ageRequest)},
	}
	maps.Copy(c, changes)
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return text
}

// forge makes a JWT with any header, sealed with HMAC.
func forge(header string, payload, secret []byte) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// attempt is a request to start a session.
type attempt struct {
	contentType, authorization, body string
	status                           int
	error                            irma.ErrorName // empty for success
	message                          string         // part of it
}

func (a attempt) check(t *testing.T, url string) {
	t.Helper()
	header := []string{"Content-Type", a.contentType}
	if a.authorization != "" {
		header = append(header, "Authorization", a.authorization)
	}
	resp, body := (&client{t: t, url: url}).request(http.MethodPost, "/session", a.body, header...)
	var answer irma.Error
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("answer %s: %v", body, err)
	}
	if resp.StatusCode != a.status || answer.Name != a.error || !strings.Contains(answer.Message, a.message) {
		t.Errorf("got status %d and %s, want %d, %q and %q", resp.StatusCode, body, a.status, a.error, a.message)
	}
	if a.error == "" && !strings.Contains(body, `"sessionPtr"`) {
		t.Errorf("got %s, want a session", body)
	}
	for _, secret := range []string{appToken, shopToken, citySeal, bankSeal, kioskSeal, base64.StdEncoding.EncodeToString([]byte(citySeal))} {
		if strings.Contains(body, secret) {
			t.Errorf("the answer holds a secret: %s", body)
		}
	}
}

// attacks are what requestors may send to a server at this URL, and what others
// might.
func attacks(t *testing.T, url string, state *rsa.PrivateKey) map[string]attempt {
	t.Helper()
	mallory, _ := newKey(t)
	const (
		jsonType = "application/json; charset=UTF-8"
		jwtType  = "text/plain; charset=UTF-8"
		invalid  = irma.ErrorName("INVALID_REQUEST")
		denied   = irma.ErrorName("UNAUTHORIZED")
	)
	hs := func(secret string, payload []byte) string {
		token, err := jwt.SignHMAC(payload, []byte(secret))
		must(t, err)
		return token
	}
	rs := func(key *rsa.PrivateKey, payload []byte) string {
		token, err := jwt.Sign(payload, key)
		must(t, err)
		return token
	}
	city := payload("City", nil)
	ago := func(age time.Duration) claims { return claims{"iat": time.Now().Add(-age).Unix()} }
	personal := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.personalData.city"]]]}`
	asking := func(attributes string) string {
		return `{"@context":"https://irma.app/ld/request/disclosure/v2","host":"a.kiosk.example","disclose":` + attributes + `}`
	}
	kiosk := func(request string) string {
		return hs(kioskSeal, payload("kiosk", claims{"sprequest": map[string]any{"request": json.RawMessage(request)}}))
	}
	issuing := func(request string) string {
		return hs(kioskSeal, payload("kiosk", claims{"sub": "issue_request", "iprequest": map[string]any{"request": json.RawMessage(request)}}))
	}
	used := hs(citySeal, payload("City", claims{"jti": "used"}))
	(&client{t: t, url: url}).request(http.MethodPost, "/session", used, "Content-Type", jwtType)
	kid := func(alg, kid string) string { return fmt.Sprintf(`{"alg":%q,"typ":"JWT","kid":%q}`, alg, kid) }
	return map[string]attempt{
		"token":                  {jsonType, appToken, ageRequest, 200, "", ""},
		"hmac":                   {jwtType, "", hs(citySeal, city), 200, "", ""},
		"hmac with line break":   {jwtType, "", hs(citySeal, city) + "\n", 200, "", ""},
		"publickey":              {jwtType, "", rs(state, payload("State", nil)), 200, "", ""},
		"lower-cased name":       {jwtType, "", hs(citySeal, payload("city", nil)), 200, "", ""},
		"kid beside iss":         {jwtType, "", forge(kid("HS256", "City"), payload("nobody", nil), []byte(citySeal)), 200, "", ""},
		"within permissions":     {jsonType, shopToken, ageRequest, 200, "", ""},
		"beyond permissions":     {jsonType, shopToken, personal, 403, denied, "irmad-demo.gov.personalData.city"},
		"almost matching":        {jwtType, "", hs(bankSeal, payload("bank", claims{"sprequest": map[string]any{"request": json.RawMessage(personal)}})), 403, denied, "personalData"},
		"not to issue":           {jsonType, shopToken, ageIssuance, 403, denied, "No issuer permissions configured"},
		"no token":               {jsonType, "", ageRequest, 400, invalid, "request could not be authenticated"},
		"unknown token":          {jsonType, "app-token-012345678x", ageRequest, 403, denied, ""},
		"token prefix":           {jsonType, appToken[:len(appToken)-1], ageRequest, 403, denied, ""},
		"token and more":         {jsonType, appToken + "0", ageRequest, 403, denied, ""},
		"Bearer":                 {jsonType, "Bearer " + appToken, ageRequest, 403, denied, ""},
		"bearer":                 {jsonType, "bearer " + appToken, ageRequest, 403, denied, ""},
		"Token":                  {jsonType, "Token " + appToken, ageRequest, 403, denied, ""},
		"token in quotes":        {jsonType, `"` + appToken + `"`, ageRequest, 403, denied, ""},
		"token in capitals":      {jsonType, strings.ToUpper(appToken), ageRequest, 403, denied, ""},
		"two tokens":             {jsonType, appToken + ", " + shopToken, ageRequest, 403, denied, ""},
		"digest of a token":      {jsonType, fmt.Sprintf("%x", sha256.Sum256([]byte(appToken))), ageRequest, 403, denied, ""},
		"name as token":          {jsonType, "App", ageRequest, 403, denied, ""},
		"secret as token":        {jsonType, citySeal, ageRequest, 403, denied, ""},
		"token before body":      {jsonType, "guess", "{", 403, denied, ""},
		"JSON as text":           {jwtType, "", ageRequest, 400, invalid, "request could not be authenticated"},
		"JWT with token":         {jwtType, appToken, hs(citySeal, city), 400, invalid, "request could not be authenticated"},
		"JWT as JSON":            {jsonType, "", hs(citySeal, city), 400, invalid, "request could not be authenticated"},
		"other content":          {"text/html", "", ageRequest, 400, invalid, "Unsupported Content-Type: text/html"},
		"alg none":               {jwtType, "", forge(`{"alg":"none"}`, city, nil), 400, invalid, "request could not be authenticated"},
		"no signature":           {jwtType, "", strings.TrimSuffix(forge(`{"alg":"none"}`, city, nil), forge(`{"alg":"none"}`, city, nil)[strings.LastIndex(forge(`{"alg":"none"}`, city, nil), ".")+1:]), 400, invalid, "request could not be authenticated"},
		"HS512":                  {jwtType, "", forge(`{"alg":"HS512"}`, city, []byte(citySeal)), 400, invalid, "request could not be authenticated"},
		"HS256 with public key":  {jwtType, "", forge(`{"alg":"HS256"}`, payload("State", nil), []byte(publicPEM(t, state))), 400, invalid, "Unknown requestor"},
		"RS256 with public key":  {jwtType, "", forge(`{"alg":"RS256"}`, payload("State", nil), []byte(publicPEM(t, state))), 400, invalid, ""},
		"HS256 with PEM line":    {jwtType, "", forge(`{"alg":"HS256","kid":"State"}`, payload("City", nil), []byte(strings.TrimSpace(publicPEM(t, state)))), 400, invalid, "Unknown requestor"},
		"hs256":                  {jwtType, "", forge(`{"alg":"hs256"}`, city, []byte(citySeal)), 400, invalid, "request could not be authenticated"},
		"no alg":                 {jwtType, "", forge(`{}`, city, []byte(citySeal)), 400, invalid, "request could not be authenticated"},
		"empty secret":           {jwtType, "", forge(`{"alg":"HS256"}`, city, nil), 400, invalid, "signature is invalid"},
		"key in the header":      {jwtType, "", forge(`{"alg":"HS256","jwk":{"kty":"oct","k":"QQ"}}`, city, []byte("A")), 400, invalid, ""},
		"number as kid":          {jwtType, "", forge(`{"alg":"HS256","kid":1}`, city, []byte(citySeal)), 400, invalid, "requestor name was not a string"},
		"empty kid":              {jwtType, "", forge(`{"alg":"HS256","kid":""}`, city, []byte(citySeal)), 400, invalid, "Unknown requestor"},
		"used before":            {jwtType, "", used, 403, denied, "jwt was used before"},
		"within exact ones":      {jwtType, "", kiosk(asking(`[[["irmad-demo.gov.ageLimits.over12"]]]`)), 200, "", ""},
		"exact, another":         {jwtType, "", kiosk(asking(`[[["irmad-demo.gov.ageLimits.over18"]]]`)), 403, denied, "over18"},
		"exact, its credential":  {jwtType, "", kiosk(asking(`[[["irmad-demo.gov.ageLimits"]]]`)), 403, denied, "irmad-demo.gov.ageLimits"},
		"exact, as alternative":  {jwtType, "", kiosk(asking(`[[["irmad-demo.gov.ageLimits.over12"],["irmad-demo.gov.personalData.city"]]]`)), 403, denied, "personalData"},
		"exact, as optional":     {jwtType, "", kiosk(asking(`[[["irmad-demo.gov.ageLimits.over12"]],[[],["irmad-demo.gov.personalData.city"]]]`)), 403, denied, "personalData"},
		"another issuer":         {jwtType, "", issuing(ageIssuance), 403, denied, "No issuer permissions configured for credential 'irmad-demo.gov.ageLimits'"},
		"default host":           {jwtType, "", kiosk(`{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over12"]]]}`), 403, denied, "requestor not allowed to use the requested host"},
		"host with port":         {jwtType, "", kiosk(strings.Replace(asking(`[[["irmad-demo.gov.ageLimits.over12"]]]`), "a.kiosk.example", "a.kiosk.example:88", 1)), 403, denied, "requestor not allowed to use the requested host"},
		"host in another host":   {jwtType, "", kiosk(strings.Replace(asking(`[[["irmad-demo.gov.ageLimits.over12"]]]`), "a.kiosk.example", "evil.example#.kiosk.example", 1)), 400, invalid, "host"},
		"another's host":         {jsonType, appToken, asking(`[[["irmad-demo.gov.ageLimits.over12"]]]`), 403, denied, "requestor not allowed to use the requested host"},
		"somebody's RSA key":     {jwtType, "", rs(mallory, payload("State", nil)), 400, invalid, ""},
		"another's iss":          {jwtType, "", hs(bankSeal, city), 400, invalid, "signature is invalid"},
		"another's kid":          {jwtType, "", forge(kid("HS256", "City"), payload("bank", nil), []byte(bankSeal)), 400, invalid, "signature is invalid"},
		"own kid, another's iss": {jwtType, "", forge(kid("HS256", "bank"), payload("City", claims{"sprequest": map[string]any{"request": json.RawMessage(personal)}}), []byte(bankSeal)), 403, denied, "personalData"},
		"requestor of tokens":    {jwtType, "", hs(appToken, payload("App", nil)), 400, invalid, "Unknown requestor: App"},
		"unknown requestor":      {jwtType, "", hs(citySeal, payload("nobody", nil)), 400, invalid, "Unknown requestor: nobody"},
		"expired":                {jwtType, "", hs(citySeal, payload("City", claims{"exp": time.Now().Add(-time.Minute).Unix()})), 400, invalid, "token is expired"},
		"from the future":        {jwtType, "", hs(citySeal, payload("City", ago(-time.Hour))), 400, invalid, "token used before issued"},
		"not valid yet":          {jwtType, "", hs(citySeal, payload("City", claims{"nbf": time.Now().Add(time.Hour).Unix()})), 400, invalid, "token is not valid yet"},
		"too old":                {jwtType, "", hs(citySeal, payload("City", ago(10*time.Minute))), 403, denied, "jwt too old"},
		"without iat":            {jwtType, "", hs(citySeal, payload("City", claims{"iat": nil})), 403, denied, "jwt too old"},
		"wrong claim":            {jwtType, "", hs(citySeal, payload("City", claims{"sub": "signature_request"})), 400, invalid, "Invalid JWT body"},
		"no sub":                 {jwtType, "", hs(citySeal, payload("City", claims{"sub": ""})), 400, invalid, "Invalid session type"},
	}
}

// TestAttacks sends all of them.
func TestAttacks(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	server := start(t, "--no-auth=false", "--disclose-perms=", "--sign-perms=", "--issue-perms=", "--requestors", requestorsJSON(t, state))
	server.await(t, "/health")
	for name, a := range attacks(t, server.url, state) {
		t.Run(name, func(t *testing.T) { a.check(t, server.url) })
	}
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
	log := server.stdout.String() + server.stderr.String()
	for _, secret := range []string{appToken, shopToken, citySeal, bankSeal} {
		if strings.Contains(log, secret) {
			t.Errorf("log holds %s", secret)
		}
	}
}

// TestReplayBeyondAge sends a JWT without jti until it is too old.
func TestReplayBeyondAge(t *testing.T) {
	t.Parallel()
	state, _ := newKey(t)
	server := start(t, "--no-auth=false", "--max-request-age=2", "--requestors", requestorsJSON(t, state))
	server.await(t, "/health")
	for range 10 { // a busy machine may be too slow to send it even once
		if accepted := sendUntilTooOld(t, server.url); accepted > 0 {
			server.stop()
			return
		}
	}
	t.Error("it was never accepted")
}

// sendUntilTooOld returns how often a JWT was accepted.
func sendUntilTooOld(t *testing.T, url string) int {
	t.Helper()
	token, err := jwt.SignHMAC(payload("City", nil), []byte(citySeal))
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	c := &client{t: t, url: url}
	for accepted := 0; ; accepted++ {
		resp, body := c.request(http.MethodPost, "/session", token, "Content-Type", "text/plain")
		if resp.StatusCode != http.StatusOK {
			if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "jwt too old") {
				t.Errorf("after %d times: %s %s", accepted, resp.Status, body)
			}
			return accepted
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it is never too old")
		}
	}
}

// TestOpen is about servers without authentication: requests that carry some are
// refused, and permissions hold.
func TestOpen(t *testing.T) {
	t.Parallel()
	server := start(t, "--issue-perms=", "--disclose-perms=irmad-demo.gov.ageLimits.*")
	server.await(t, "/health")
	personal := `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.personalData.city"]]]}`
	for name, a := range map[string]attempt{
		"plain":              {"application/json", "", ageRequest, 200, "", ""},
		"token":              {"application/json", appToken, ageRequest, 400, "INVALID_REQUEST", "request could not be authenticated"},
		"JWT":                {"text/plain", "", forge(`{"alg":"none"}`, payload("x", nil), nil), 400, "INVALID_REQUEST", "request could not be authenticated"},
		"beyond permissions": {"application/json", "", personal, 403, "UNAUTHORIZED", "personalData"},
		"issuance":           {"application/json", "", ageIssuance, 403, "UNAUTHORIZED", "No issuer permissions configured"},
	} {
		t.Run(name, func(t *testing.T) { a.check(t, server.url) })
	}
	server.stop()
}

// TestNextSessionNeedsPermission lets a requestor that may only disclose answer
// with an issuance session.
func TestNextSessionNeedsPermission(t *testing.T) {
	t.Parallel()
	server := start(t, "--no-auth=false", "--issue-perms=", "--allow-unsigned-callbacks", "--requestors",
		`{"shop":{"auth_method":"token","key":"`+shopToken+`"},"office":{"auth_method":"token","key":"`+appToken+`","issue_perms":["irmad-demo.*"]}}`)
	server.await(t, "/health")
	next := answering(t, ageIssuance)
	first := fmt.Sprintf(`{"nextSession":{"url":%q},"request":%s}`, next, ageRequest)
	c := newClient(t, server.url)
	c.perform(c.beginAs(appToken, ageIssuance).SessionPtr)
	c.perform(c.beginAs(appToken, first).SessionPtr)
	if _, err := c.wallet.Perform(t.Context(), c.beginAs(shopToken, first).SessionPtr); err == nil || !strings.Contains(err.Error(), "NEXT_SESSION") {
		t.Errorf("got error %v, want that the follow-up is refused", err)
	}
	server.stop()
}

// TestSignedResults is about the endpoints that need a key.
func TestSignedResults(t *testing.T) {
	t.Parallel()
	key, text := newKey(t)
	server := start(t, "--jwt-privkey", text, "--jwt-issuer=tester", "--api-prefix=/api")
	server.await(t, "/api/health")
	c := newClient(t, server.url+"/api")
	c.perform(c.begin(ageIssuance).SessionPtr)
	pkg := c.begin(ageRequest)
	c.perform(pkg.SessionPtr)
	_, result := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/result-jwt", "")
	checkSigned(t, result, key, "tester")
	if resp, proof := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/getproof", ""); resp.StatusCode != http.StatusOK || strings.Count(proof, ".") != 2 {
		t.Errorf("getproof: %s %s", resp.Status, proof)
	}
	if _, public := c.request(http.MethodGet, "/publickey", ""); public != publicPEM(t, key) {
		t.Errorf("publickey: %s", public)
	}
	server.stop()
}
