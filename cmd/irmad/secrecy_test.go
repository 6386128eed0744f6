package main

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

const (
	personalIssuance = `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[{"credential":"irmad-demo.gov.personalData",` +
		`"attributes":{"firstName":"Wilhelmina","familyName":"Unlikely","birthDate":"1912-06-23","city":"Ootmarsum"}}]}`
	personalDisclosure = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.personalData.firstName"]]]}`
	exactDisclosure    = `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[[{"type":"irmad-demo.gov.personalData.city","value":"Ootmarsum"}]]]}`
	personalSignature  = `{"@context":"https://irma.app/ld/request/signature/v2","message":"Sold to Wilhelmina","disclose":[[["irmad-demo.gov.personalData.familyName"]]]}`
)

// wiretap notes all secrets that pass between the server and others.
type wiretap struct {
	mu   sync.Mutex // guards seen
	seen map[string]bool
}

// sensitive is what tokens and JWTs look like.
var sensitive = regexp.MustCompile(`"(?:token|authorization)":"([^"]{16,})"|/session/([a-zA-Z0-9]{20})\b|(eyJ[\w-]+\.[\w-]+\.[\w-]*)`)

func (w *wiretap) note(texts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range texts {
		for _, found := range sensitive.FindAllStringSubmatch(text, -1) {
			for _, group := range found[1:] {
				if group != "" {
					w.seen[group] = true
				}
			}
		}
	}
}

// RoundTrip implements http.RoundTripper.
func (w *wiretap) RoundTrip(req *http.Request) (*http.Response, error) {
	w.note(req.URL.Path)
	if authorization := req.Header.Get("Authorization"); len(authorization) > 8 {
		w.mu.Lock()
		w.seen[authorization] = true
		w.mu.Unlock()
	}
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			text, _ := io.ReadAll(body)
			w.note(string(text))
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp, err
	}
	text, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	w.note(string(text))
	resp.Body = io.NopCloser(strings.NewReader(string(text)))
	return resp, err
}

// moody is a requestor's web server: it refuses the first result of each session
// and answers with a follow-up session where it is asked for one.
type moody struct {
	tap      *wiretap
	refused  sync.Map
	accepted atomic.Int32
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.tap.note(string(body))
	_, again := m.refused.LoadOrStore(r.Header.Get("Idempotency-Key"), true)
	switch {
	case strings.HasPrefix(r.URL.Path, "/next"):
		fmt.Fprint(w, personalDisclosure)
	case strings.HasPrefix(r.URL.Path, "/nonsense"):
		fmt.Fprint(w, `{"Wilhelmina":"Unlikely`)
	case again:
		m.accepted.Add(1)
		w.WriteHeader(http.StatusNoContent)
	default:
		http.Error(w, "Wilhelmina "+string(body), http.StatusServiceUnavailable)
	}
}

// caller starts sessions as some requestor.
type caller func(kind, request string) (body string, header []string)

func callers(t *testing.T, state *rsa.PrivateKey) map[string]caller {
	t.Helper()
	names := map[string][2]string{"disclosure": {"verification_request", "sprequest"}, "signature": {"signature_request", "absrequest"}, "issuance": {"issue_request", "iprequest"}}
	signed := func(name string, sign func([]byte) (string, error)) caller {
		return func(kind, request string) (string, []string) {
			if !strings.Contains(request, `"request":`) {
				request = `{"request":` + request + `}`
			}
			token, err := sign(payload(name, claims{"sub": names[kind][0], names[kind][1]: json.RawMessage(request)}))
			must(t, err)
			return token, []string{"Content-Type", "text/plain"}
		}
	}
	return map[string]caller{
		"App":   func(_, request string) (string, []string) { return request, []string{"Authorization", appToken} },
		"City":  signed("City", func(text []byte) (string, error) { return jwt.SignHMAC(text, []byte(citySeal)) }),
		"State": signed("State", func(text []byte) (string, error) { return jwt.Sign(text, state) }),
	}
}

// live does what requestors, wallets and frontends do, well and badly.
func (c *client) live(ask caller, hook string) {
	c.t.Helper()
	begin := func(kind, request string) *irma.SessionPackage {
		c.t.Helper()
		body, header := ask(kind, request)
		_, answer := c.request(http.MethodPost, "/session", body, header...)
		pkg := new(irma.SessionPackage)
		if err := json.Unmarshal([]byte(answer), pkg); err != nil || pkg.Token == "" {
			c.t.Fatalf("starting a session: %s", answer)
		}
		return pkg
	}
	c.perform(begin("issuance", personalIssuance).SessionPtr)
	for kind, request := range map[string]string{"disclosure": personalDisclosure, "signature": personalSignature} {
		pkg := begin(kind, fmt.Sprintf(`{"callbackUrl":%q,"request":%s}`, hook+"/results?key=callback-secret", request))
		c.perform(pkg.SessionPtr)
		for _, below := range []string{"", "/status", "/result", "/result-jwt", "/getproof", "/statusevents"} {
			c.request(http.MethodGet, "/session/"+string(pkg.Token)+below, "")
		}
	}
	c.perform(begin("disclosure", exactDisclosure).SessionPtr)
	for _, path := range []string{"/next", "/nonsense"} {
		pkg := begin("disclosure", fmt.Sprintf(`{"nextSession":{"url":%q},"request":%s}`, hook+path+"?key=callback-secret", personalDisclosure))
		_, _ = c.wallet.Perform(c.t.Context(), pkg.SessionPtr) // nonsense ends the session
	}

	pkg := begin("disclosure", personalDisclosure)
	wallet := pkg.SessionPtr.URL[len(c.url):]
	c.request(http.MethodPost, wallet+"/frontend/options", `{"pairingMethod":"Wilhelmina"}`, "Authorization", string(pkg.FrontendRequest.Authorization))
	c.request(http.MethodGet, wallet+"/frontend/status", "", "Authorization", "not-the-frontend-0123")
	c.request(http.MethodGet, wallet, "", "Authorization", "wallet-secret-012345", "X-IRMA-MinProtocolVersion", "2.8", "X-IRMA-MaxProtocolVersion", "2.8")
	for _, body := range []string{"Wilhelmina", `{"proofs":"Wilhelmina"}`, `{"proofs":[{"c":1,"a_disclosed":{"Wilhelmina":"Unlikely"}}],"indices":{}}`} {
		c.request(http.MethodPost, wallet+"/proofs", body, "Authorization", "wallet-secret-012345")
	}
	c.request(http.MethodDelete, "/session/"+string(pkg.Token), "")
}

// blunders are requests that are refused, with secrets where they do not belong.
func (c *client) blunders(ask caller) {
	token, header := ask("issuance", strings.Replace(personalIssuance, "irmad-demo.gov", "irmad-demo.vote", 1))
	c.request(http.MethodPost, "/session", token, header...)
	token, header = ask("disclosure", strings.Replace(exactDisclosure, "city", "Wilhelmina", 1))
	c.request(http.MethodPost, "/session", token, header...)
	token, header = ask("disclosure", `{"Request":1,`+personalDisclosure[1:])
	c.request(http.MethodPost, "/session", token, header...)
	jwt := forge(`{"alg":"HS256"}`, payload("City", nil), []byte(citySeal))
	c.tap().note(jwt)
	for _, path := range []string{"/" + jwt, "/session/" + jwt, "/session/" + jwt + "/result", "/irma/session/" + jwt, "/irma/session/" + jwt + "/" + jwt, "/session?token=" + jwt, "/irma/" + appToken} {
		c.request(http.MethodGet, path, "")
		c.request(http.MethodPost, path, jwt, "Content-Type", jwt, "Authorization", jwt, "Origin", jwt)
	}
}

func (c *client) tap() *wiretap { return c.http.Transport.(*wiretap) }

// TestSecrecy does sessions of all kinds at the most talkative server, for
// requestors of all methods, with callbacks that fail, attacks and reloads. What
// it writes holds no token, JWT, key or attribute value.
func TestSecrecy(t *testing.T) {
	t.Parallel()
	state, statePEM := newKey(t)
	signing, signingPEM := newKey(t)
	tap := &wiretap{seen: map[string]bool{}}
	hook := &moody{tap: tap}
	web := httptest.NewServer(hook)
	defer web.Close()
	settings := func(more string) string {
		static := fmt.Sprintf(`{"login":{"callbackUrl":%q,"request":%s}}`, web.URL+"/static?key=callback-secret", personalDisclosure)
		signer, err := json.Marshal(signingPEM)
		must(t, err)
		return `{"no_auth":false,"verbose":2,"jwt_privkey":` + string(signer) + `,"static_sessions":` + static + `,"requestors":` + requestorsJSON(t, state) + more + `}`
	}
	path := write(t, "irmad.json", settings(`,"issue_perms":["irmad-demo.gov.*"],"tls_crt":"`+appToken+`"`))
	server := start(t, "-c", path)
	server.await(t, "/health")
	c := newClient(t, server.url)
	c.http = &http.Client{Transport: tap}
	who := callers(t, state)
	for _, ask := range who {
		c.live(ask, web.URL)
		c.blunders(ask)
	}
	c.perform(irma.SessionPointer{URL: c.url + "/irma/session/login", Action: "redirect"})
	for _, a := range attacks(t, server.url, state) {
		tap.note(a.body)
		c.request(http.MethodPost, "/session", a.body, "Content-Type", a.contentType, "Authorization", a.authorization)
	}
	for _, contents := range []string{
		`{"requestors":"` + appToken, `{"requestors":{"App":"` + appToken + `"}}`,
		`{"requestors":{"App":{"auth_method":"token","key":["` + appToken + `"]}}}`,
		`{"requestors":{"App":{"auth_method":"hmac","key":"` + appToken + `!"}}}`,
		`{"requestors":{"App":{"auth_method":"publickey","key":"` + strings.ReplaceAll(statePEM, "\n", `\n`) + `"}}}`,
		`{"requestors":{"App":{"auth_method":"token","key":"` + appToken + `"}},"no_auth":false]`,
		settings(`,"jwt_privkey_file":"x"`), settings(`,"tls_cert":"` + citySeal + `"`),
		settings(`,"disclose_perms":["*"]`),
	} {
		overwrite(t, path, contents)
		server.reload <- syscall.SIGHUP
		server.reload <- syscall.SIGHUP // is taken when the first has been dealt with
	}
	awaitStatus(t, server.url+"/health", http.StatusOK)
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}

	log := server.stdout.String() + server.stderr.String()
	secrets := append(tap.list(), firstName, "Unlikely", "1912-06-23", "Ootmarsum", "Sold to", "callback-secret", "wallet-secret", "not-the-frontend", "PRIVATE KEY", "eyJ",
		appToken, shopToken, citySeal, bankSeal, kioskSeal, base64.StdEncoding.EncodeToString([]byte(citySeal)), signing.D.String())
	block, _ := pem.Decode([]byte(signingPEM))
	secrets = append(secrets, base64.StdEncoding.EncodeToString(block.Bytes)[:40])
	for _, secret := range secrets {
		if i := strings.Index(log, secret); i >= 0 {
			begin := strings.LastIndex(log[:i], "\n") + 1
			line, _, _ := strings.Cut(log[begin:], "\n")
			t.Errorf("the log holds %s:\n%s", secret, line)
		}
	}
	t.Logf("%d lines, %d secrets", strings.Count(log, "\n"), len(secrets))
	for _, want := range []string{"session started", "session updated", "result was not accepted", "starting follow-up session failed", "has an unknown key", "http request", "the new configuration is not used", "keys and certificates reloaded", `"requestor": "State"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not tell %q: the test does not do what it says\n%s", want, log[:min(len(log), 5000)])
		}
	}
	if len(tap.list()) < 60 {
		t.Errorf("only %d secrets have been seen", len(tap.list()))
	}
}

// list returns what was seen.
func (w *wiretap) list() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for secret := range w.seen {
		out = append(out, secret)
	}
	slices.Sort(out)
	return out
}
