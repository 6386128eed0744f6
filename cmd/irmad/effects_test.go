package main

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/scheme/demo"
)

// inSources gives the same settings by flags, by environment and by file.
func inSources(t *testing.T, values map[string]any) map[string]struct{ args, env []string } {
	t.Helper()
	file, err := json.Marshal(values)
	must(t, err)
	out := map[string]struct{ args, env []string }{"file": {args: []string{"-c", write(t, "a.json", string(file))}}}
	var args, env []string
	for name, value := range values {
		text := fmt.Sprint(value)
		if _, isText := value.(string); !isText {
			encoded, err := json.Marshal(value)
			must(t, err)
			text = strings.Trim(string(encoded), `["]`)
		}
		args = append(args, "--"+config.FlagName(name)+"="+text)
		env = append(env, config.EnvPrefix+strings.ToUpper(name)+"="+text)
	}
	out["flags"] = struct{ args, env []string }{args: args}
	out["environment"] = struct{ args, env []string }{env: env}
	return out
}

func newKey(t *testing.T) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// hook receives what the server posts.
func hook(t *testing.T) (url string, received <-chan string) {
	t.Helper()
	bodies := make(chan string, 10)
	web := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies <- string(body)
	}))
	t.Cleanup(web.Close)
	return web.URL, bodies
}

// client is a requestor with a wallet.
type client struct {
	t      *testing.T
	url    string
	wallet *wallet.Wallet
	http   *http.Client // nil for the usual one
}

func newClient(t *testing.T, url string) *client {
	t.Helper()
	schemes, err := demo.Set()
	must(t, err)
	w, err := wallet.New(schemes, wallet.Config{})
	must(t, err)
	return &client{t: t, url: url, wallet: w}
}

// request returns the status and body of an answer.
func (c *client) request(method, path, body string, header ...string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	must(c.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	via := c.http
	if via == nil {
		via = http.DefaultClient
	}
	resp, err := via.Do(req)
	must(c.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(c.t, err)
	return resp, string(text)
}

func (c *client) begin(request string) *irma.SessionPackage {
	c.t.Helper()
	_, body := c.request(http.MethodPost, "/session", request)
	pkg := new(irma.SessionPackage)
	if err := json.Unmarshal([]byte(body), pkg); err != nil || pkg.Token == "" {
		c.t.Fatalf("starting a session: %s", body)
	}
	return pkg
}

func (c *client) perform(ptr irma.SessionPointer) *wallet.Outcome {
	c.t.Helper()
	outcome, err := c.wallet.Perform(c.t.Context(), ptr)
	must(c.t, err)
	return outcome
}

const (
	ageRequest    = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]}`
	legacyRequest = `{"type":"disclosing","content":[{"label":"age","attributes":["irmad-demo.gov.ageLimits.over18"]}]}`
	ageIssuance   = `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[{"credential":"irmad-demo.gov.ageLimits",` +
		`"attributes":{"over12":"yes","over16":"yes","over18":"yes","over21":"no"}}]}`
)

// TestEffects sets options by each source and looks at what the server does.
func TestEffects(t *testing.T) {
	t.Parallel()
	key, text := newKey(t)
	hookURL, posted := hook(t)
	for name, source := range inSources(t, map[string]any{
		"sse":                       false,
		"jwt_privkey":               text,
		"jwt_issuer":                "tester",
		"augment_client_return_url": true,
		"static_sessions":           map[string]any{"MyQR": map[string]any{"callbackUrl": hookURL, "request": json.RawMessage(ageRequest)}},
		"cors_allowed_origins":      []string{"https://a.example"},
		"nested_legacy_results":     true,
	}) {
		t.Run(name, func(t *testing.T) { // one after the other, for the hook
			server := startIn(t, source.env, source.args...)
			server.await(t, "/health")
			c := newClient(t, server.url)
			c.perform(c.begin(ageIssuance).SessionPtr)
			c.checkOrigins()
			c.checkNoEvents()
			c.checkNested()
			c.checkAugmented()
			c.checkStatic()
			checkSigned(t, <-posted, key, "tester")
			c.checkStatic()
			<-posted
			if code := server.stop(); code != cli.ExitOK {
				t.Errorf("exit status %d; it wrote %s", code, &server.stderr)
			}
			for _, secret := range []string{hookURL, "PRIVATE KEY"} {
				if log := server.stdout.String() + server.stderr.String(); strings.Contains(log, secret) {
					t.Errorf("log holds %s:\n%s", secret, log)
				}
			}
		})
	}
}

// TestUnsigned is about callbacks without a key.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	hookURL, posted := hook(t)
	request := fmt.Sprintf(`{"callbackUrl":%q,"request":%s}`, hookURL, ageRequest)
	for name, source := range inSources(t, map[string]any{"allow_unsigned_callbacks": true}) {
		t.Run(name, func(t *testing.T) {
			server := startIn(t, source.env, source.args...)
			server.await(t, "/health")
			c := newClient(t, server.url)
			c.perform(c.begin(ageIssuance).SessionPtr)
			pkg := c.begin(request)
			c.perform(pkg.SessionPtr)
			var result irma.SessionResult
			must(t, json.Unmarshal([]byte(<-posted), &result))
			if result.Token != pkg.Token || result.ProofStatus != irma.ProofValid {
				t.Errorf("posted %+v", result)
			}
			server.stop()
		})
	}
	server := start(t)
	server.await(t, "/health")
	if resp, body := newClient(t, server.url).request(http.MethodPost, "/session", request); resp.StatusCode == http.StatusOK {
		t.Errorf("accepted without the option: %s", body)
	}
	server.stop()
}

func (c *client) checkOrigins() {
	c.t.Helper()
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://b.example": ""} {
		resp, _ := c.request(http.MethodPost, "/session", ageRequest, "Origin", origin)
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			c.t.Errorf("to %s: Access-Control-Allow-Origin %q, want %q", origin, got, want)
		}
	}
}

func (c *client) checkNoEvents() {
	c.t.Helper()
	pkg := c.begin(ageRequest)
	resp, body := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/statusevents", "")
	if resp.StatusCode != http.StatusInternalServerError || !strings.Contains(body, "SSE_DISABLED") {
		c.t.Errorf("statusevents answers %s: %s", resp.Status, body)
	}
}

func (c *client) checkNested() {
	c.t.Helper()
	pkg := c.begin(legacyRequest)
	c.perform(pkg.SessionPtr)
	_, body := c.request(http.MethodGet, "/session/"+string(pkg.Token)+"/result", "")
	var result irma.SessionResult
	if err := json.Unmarshal([]byte(body), &result); err != nil || len(result.Disclosed) != 1 {
		c.t.Errorf("result of a request without @context: %s, %v", body, err)
	}
}

func (c *client) checkAugmented() {
	c.t.Helper()
	request := strings.Replace(ageRequest, "{", `{"clientReturnUrl":"https://example.com/done","augmentReturnUrl":true,`, 1)
	pkg := c.begin(request)
	outcome := c.perform(pkg.SessionPtr)
	if diff := cmp.Diff("https://example.com/done?token="+string(pkg.Token), outcome.Request.ClientReturnURL); diff != "" {
		c.t.Errorf("clientReturnUrl (-want +got):\n%s", diff)
	}
}

func (c *client) checkStatic() {
	c.t.Helper()
	outcome := c.perform(irma.SessionPointer{URL: c.url + "/irma/session/MyQR", Action: "redirect"})
	if diff := cmp.Diff([]irma.AttributeTypeID{demoAttribute}, outcome.Disclosed); diff != "" {
		c.t.Errorf("disclosed (-want +got):\n%s", diff)
	}
}

// checkSigned verifies a result that was posted as a JWT.
func checkSigned(t *testing.T, token string, key *rsa.PrivateKey, issuer string) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("posted %q, not a JWT", token)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	must(t, err)
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	must(t, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature))
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	var claims struct {
		Issuer      string           `json:"iss"`
		ProofStatus irma.ProofStatus `json:"proofStatus"`
	}
	must(t, json.NewDecoder(bytes.NewReader(payload)).Decode(&claims))
	if claims.Issuer != issuer || claims.ProofStatus != irma.ProofValid {
		t.Errorf("payload %s", payload)
	}
}

// beginAs starts a session with an API token.
func (c *client) beginAs(token, request string) *irma.SessionPackage {
	c.t.Helper()
	_, body := c.request(http.MethodPost, "/session", request, "Authorization", token)
	pkg := new(irma.SessionPackage)
	if err := json.Unmarshal([]byte(body), pkg); err != nil || pkg.Token == "" {
		c.t.Fatalf("starting a session: %s", body)
	}
	return pkg
}

// answering returns the URL of a requestor that always answers the same.
func answering(t *testing.T, answer string) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, answer) }))
	t.Cleanup(web.Close)
	return web.URL
}
