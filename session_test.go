package irmaserver_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

var (
	ageLimits = irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "no"},
	}
	personalData = irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.personalData",
		Attributes:       map[string]string{"firstName": "Alice", "familyName": "Stuivezand", "birthDate": "1990-02-28", "city": "Nijmegen"},
	}
)

// attribute is what the tests compare of a disclosed attribute.
type attribute struct {
	ID     irma.AttributeTypeID
	Value  string
	Status irma.AttributeStatus
}

func attributes(result *irma.SessionResult) [][]attribute {
	var out [][]attribute
	for _, con := range result.Disclosed {
		list := []attribute{}
		for _, a := range con {
			value := "<null>"
			if a.RawValue != nil {
				value = *a.RawValue
			}
			list = append(list, attribute{a.Identifier, value, a.Status})
		}
		out = append(out, list)
	}
	return out
}

func TestIssueThenDisclose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.NewWallet(t, wallet.Config{})

	result, err := s.Run(t, w, irma.NewIssuanceRequest(ageLimits, personalData))
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid || result.Type != irma.Issuing {
		t.Fatalf("issuance: %+v", result)
	}

	result, err = s.Run(t, w, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18", "irmad-demo.gov.personalData.prefix"))
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
		t.Fatalf("disclosure: %+v", result)
	}
	want := [][]attribute{
		{{"irmad-demo.gov.ageLimits.over18", "yes", irma.AttributePresent}},
		{{"irmad-demo.gov.personalData.prefix", "<null>", irma.AttributeNull}},
	}
	if diff := cmp.Diff(want, attributes(result)); diff != "" {
		t.Errorf("disclosed (-want +got):\n%s", diff)
	}
}

func TestCombinedIssuanceDisclosure(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.NewWallet(t, wallet.Config{})
	s.Issue(t, w, ageLimits)
	request := irma.NewIssuanceRequest(personalData)
	request.Disclose = irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over21").Disclose
	result, err := s.Run(t, w, request)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]attribute{{{"irmad-demo.gov.ageLimits.over21", "no", irma.AttributePresent}}}
	if diff := cmp.Diff(want, attributes(result)); diff != "" || result.Status != irma.StatusDone {
		t.Errorf("%s, disclosed (-want +got):\n%s", result.Status, diff)
	}
	if n := len(w.Credentials()); n != 2 {
		t.Errorf("wallet has %d credentials, want 2", n)
	}
}

func TestPairing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	shown := make(chan string, 1)
	w := s.NewWallet(t, wallet.Config{ShowPairingCode: func(_ context.Context, code string) { shown <- code }})
	session := s.Start(t, irma.NewIssuanceRequest(ageLimits))
	if !session.FrontendRequest.PairingHint {
		t.Error("issuance should advise pairing")
	}
	authorization := []string{"Authorization", string(session.FrontendRequest.Authorization)}
	options := s.do("POST", session.SessionPtr.URL+"/frontend/options", pinOptions, authorization...)

	done := make(chan error, 1)
	go func() {
		_, err := w.Perform(t.Context(), session.SessionPtr)
		done <- err
	}()
	if code := <-shown; !strings.Contains(options.body, `"pairingCode":"`+code+`"`) {
		t.Errorf("wallet shows %s, frontend got %s", code, options.body)
	}
	if got := s.do("POST", session.SessionPtr.URL+"/frontend/pairingcompleted", "", authorization...); got.status != http.StatusNoContent {
		t.Fatalf("completing pairing: %d %s", got.status, got.body)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := s.status(session); got != irma.StatusDone {
		t.Errorf("session is %s", got)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.NewWallet(t, wallet.Config{Choose: wallet.Refuse})
	result, err := s.Run(t, w, irma.NewIssuanceRequest(ageLimits))
	if !errors.Is(err, wallet.ErrRefused) {
		t.Errorf("wallet: %v", err)
	}
	want := &irma.SessionResult{Token: result.Token, Status: irma.StatusCancelled, Type: irma.Issuing}
	if diff := cmp.Diff(want, result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// recorder keeps the last POST that went through it.
type recorder struct {
	mu     sync.Mutex
	url    string
	header http.Header
	body   []byte
	answer []byte
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Method == http.MethodPost {
		body, _ = io.ReadAll(request.Body)
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || request.Method != http.MethodPost {
		return response, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(answer))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.url, r.header, r.body, r.answer = request.URL.String(), request.Header.Clone(), body, answer
	return response, err
}

// TestReplay repeats the wallet's last message: the wallet gets the same bytes,
// anybody else an error.
func TestReplay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rec := new(recorder)
	w := s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: rec}})
	for _, request := range []irma.Request{irma.NewIssuanceRequest(ageLimits), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")} {
		if _, err := s.Run(t, w, request); err != nil {
			t.Fatal(err)
		}
		authorization := rec.header.Get("Authorization")
		again := s.do("POST", rec.url, string(rec.body), "Authorization", authorization)
		if again.status != http.StatusOK || again.body != string(rec.answer) {
			t.Errorf("repetition got %d %s, want the first answer %s", again.status, again.body, rec.answer)
		}
		if got := again.header.Get("Content-Type"); got != "application/json; charset=UTF-8" {
			t.Errorf("repetition has content type %q", got)
		}
		late := "Session not yet started or already finished"
		wantError(t, s.do("POST", rec.url, string(rec.body), "Authorization", "stranger"), irma.ErrUnexpectedRequest, late)
		wantError(t, s.do("POST", rec.url, string(rec.body)+" ", "Authorization", authorization), irma.ErrUnexpectedRequest, late)
	}
}

// TestConnectReplay repeats a wallet's first message.
func TestConnectReplay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	url := session.SessionPtr.URL + "/"
	wantError(t, s.do("GET", url, "", "Authorization", "thief"), irma.ErrMalformedInput, "header")
	first := s.do("GET", url, "", walletHeaders("wallet")...)
	again := s.do("GET", url, "", walletHeaders("wallet")...)
	if first.status != http.StatusOK || first.body != again.body || again.status != http.StatusOK {
		t.Errorf("repetition got %d %s, want %d %s", again.status, again.body, first.status, first.body)
	}
	wantError(t, s.do("GET", url, "", walletHeaders("thief")...), irma.ErrUnexpectedRequest, "Session already started")
	wantError(t, s.do("GET", url, "", walletHeaders("")...), irma.ErrUnexpectedRequest, "Session already started")
}

// TestConcurrentPosts sends one message many times at once: it counts once, is
// worked on once, and all get the same answer.
func TestConcurrentPosts(t *testing.T) {
	t.Parallel()
	seen := new(witness)
	s := newSite(t, func(c *irmaserver.Config) { c.Observer = seen })
	var bodies sync.Map
	const copies = 100
	w := s.NewWallet(t, wallet.Config{HTTPClient: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPost {
			return http.DefaultTransport.RoundTrip(r)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var group sync.WaitGroup
		for range copies {
			group.Go(func() {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				response, err := http.DefaultTransport.RoundTrip(again)
				if err != nil {
					t.Error(err)
					return
				}
				defer response.Body.Close()
				answer, err := io.ReadAll(response.Body)
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("got %d %s, %v", response.StatusCode, answer, err)
				}
				bodies.Store(string(answer), true)
			})
		}
		group.Wait()
		r.Body = io.NopCloser(bytes.NewReader(body))
		return http.DefaultTransport.RoundTrip(r)
	})}})
	if _, err := s.Run(t, w, irma.NewIssuanceRequest(ageLimits)); err != nil {
		t.Fatal(err)
	}
	distinct := 0
	bodies.Range(func(any, any) bool { distinct++; return true })
	if distinct != 1 {
		t.Errorf("%d posts got %d different answers", copies, distinct)
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if n := len(seen.crypto); n != 1 {
		t.Errorf("%d posts took %d computations", copies, n)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTwoServers runs two servers in one process: the session of one is unknown
// to the other.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	one, two := newSite(t), newSite(t)
	session := one.start(discloseOver18)
	if _, err := two.Irma.Status(t.Context(), session.Token); !errors.Is(err, irma.ErrSessionUnknown) {
		t.Errorf("other server: %v", err)
	}
	if err := two.Irma.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one.status(session); got != irma.StatusInitialized {
		t.Errorf("closing one server made the other's session %s", got)
	}
	w := one.NewWallet(t, wallet.Config{})
	one.Issue(t, w, ageLimits)
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Error(err)
	}
}

func TestHostBinding(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(strings.Replace(discloseOver18, `"disclose"`, `"host":"irma.example.com","disclose"`, 1))
	if !strings.HasPrefix(session.SessionPtr.URL, "http://irma.example.com/irma/session/") {
		t.Fatalf("pointer is %s", session.SessionPtr.URL)
	}
	path := strings.TrimPrefix(session.SessionPtr.URL, "http://irma.example.com")
	for _, method := range []string{"GET", "DELETE", "PUT"} {
		wantError(t, s.do(method, path, "", walletHeaders("wallet")...), irma.ErrUnauthorized, "Host mismatch")
	}
	wantError(t, s.do("GET", path+"/frontend/status", "", "Authorization", string(session.FrontendRequest.Authorization)), irma.ErrUnauthorized, "Host mismatch")
	if got := s.do("GET", path, "", append(walletHeaders("wallet"), "Host", "IRMA.example.com:80")...); got.status != http.StatusOK {
		t.Errorf("right host: %d %s", got.status, got.body)
	}
}

// TestStartRefused checks requests that must not start a session.
func TestStartRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const disclosure = `"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["irmad-demo.gov.ageLimits.over18"]]]`
	tests := []struct {
		name, body string
		want       *irma.Error
		message    string
	}{
		{"empty body", "", irma.ErrInvalidRequest, "unexpected end"},
		{"not JSON", "foo", irma.ErrInvalidRequest, "invalid character"},
		{"list", "[]", irma.ErrInvalidRequest, "list"},
		{"nothing in it", "{}", irma.ErrInvalidRequest, "request"},
		{"unknown attribute", strings.Replace(discloseOver18, "over18", "over19", 1), irma.ErrInvalidRequest, "Unknown identifiers: irmad-demo.gov.ageLimits.over19"},
		{"a bracket too few", `{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[["irmad-demo.gov.ageLimits.over18"]]}`, irma.ErrInvalidRequest, "$.disclose[0][0]"},
		{"misspelt key", strings.Replace(discloseOver18, `"disclose"`, `"discolse"`, 1), irma.ErrInvalidRequest, `"disclose"`},
		{"unknown scheme to issue", strings.Replace(issueRoot, "irmad-demo.gov", "xx.yy", 1), irma.ErrInvalidRequest, "Unknown identifiers"},
		{"null credential", `{"@context":"https://irma.app/ld/request/issuance/v2","credentials":[null]}`, irma.ErrInvalidRequest, "$.credentials[0]"},
		{"missing attribute", strings.Replace(issueRoot, `"bsn":"12345"`, ``, 1), irma.ErrInvalidRequest, "irmad-demo.gov.root.bsn"},
		{"bad host", `{"host":"a/b",` + disclosure + `}`, irma.ErrInvalidRequest, "host"},
		{"callback", `{"callbackUrl":"https://example.com/","request":{` + disclosure + `}}`, irma.ErrUnsupported, "callbackUrl provided but no JWT private key is installed"},
		{"next session", `{"nextSession":{"url":"https://example.com/"},"request":{` + disclosure + `}}`, irma.ErrUnsupported, "nextSession provided but no JWT private key is installed"},
		{"empty next session", `{"nextSession":{"url":""},"request":{` + disclosure + `}}`, irma.ErrInvalidRequest, "nextSession provided with empty URL"},
		{"augmented return URL", `{"augmentReturnUrl":true,"clientReturnUrl":"https://example.com/",` + disclosure + `}`, irma.ErrInvalidRequest, "augmenting client return url not enabled"},
		{"negative timeout", `{"timeout":-1,"request":{` + disclosure + `}}`, irma.ErrInvalidRequest, "timeout"},
		{"too large", strings.Repeat(" ", 10<<20) + discloseOver18, irma.ErrInvalidRequest, "request body too large"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := s.do("POST", "/session", test.body, "Content-Type", "application/json")
			wantError(t, got, test.want, test.message)
			if strings.Contains(got.body, "12345") {
				t.Errorf("the error shows an attribute value: %s", got.body)
			}
		})
	}
	headers := []struct {
		name    string
		headers []string
		message string
	}{
		{"no content type", nil, "Unsupported Content-Type: "},
		{"other content type", []string{"Content-Type", "text/html"}, "Unsupported Content-Type: text/html"},
		{"text", []string{"Content-Type", "text/plain"}, "request could not be authenticated"},
		{"authorization", []string{"Content-Type", "application/json", "Authorization", "x"}, "request could not be authenticated"},
	}
	for _, test := range headers {
		t.Run(test.name, func(t *testing.T) {
			wantError(t, s.do("POST", "/session", discloseOver18, test.headers...), irma.ErrInvalidRequest, test.message)
		})
	}
	s.start(discloseOver18)
}

// TestRequestIsNotChanged starts sessions from one request value: each session
// has its own nonce and the value stays as it was.
func TestRequestIsNotChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	request := irma.NewIssuanceRequest(ageLimits)
	before := request.Clone()
	nonces := make(map[string]bool)
	for range 3 {
		session := s.Start(t, request)
		nonces[s.do("GET", session.SessionPtr.URL, "", walletHeaders("wallet")...).body] = true
	}
	if len(nonces) != 3 {
		t.Errorf("3 sessions got %d different requests", len(nonces))
	}
	if diff := cmp.Diff(before, request, cmp.Comparer(func(a, b *irma.Int) bool { return (a == nil) == (b == nil) })); diff != "" {
		t.Errorf("request changed (-want +got):\n%s", diff)
	}
}

func TestClosedServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.start(discloseOver18)
	statuses, err := s.Irma.Subscribe(t.Context(), session.Token)
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		close(started)
		_, err := s.Irma.WaitResult(t.Context(), session.Token)
		waited <- err
	}()
	<-started
	for range 2 {
		if err := s.Irma.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-waited; !errors.Is(err, irma.ErrUnavailable) {
		t.Errorf("WaitResult: %v", err)
	}
	for range statuses {
	}
	if _, err := s.Irma.StartSession(context.Background(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")); !errors.Is(err, irma.ErrUnavailable) {
		t.Errorf("StartSession: %v", err)
	}
	wantError(t, s.do("DELETE", session.SessionPtr.URL, ""), irma.ErrUnavailable, "")
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	good := irmaserver.Config{Schemes: newSite(t).Schemes}
	tests := map[string]func(*irmaserver.Config){
		"Config.Schemes":         func(c *irmaserver.Config) { c.Schemes = nil },
		"Config.Production":      func(c *irmaserver.Config) { c.Production = true },
		"Config.SessionLifetime": func(c *irmaserver.Config) { c.SessionLifetime = -1 },
		"Config.AllowedOrigins":  func(c *irmaserver.Config) { c.AllowedOrigins = []string{"https://example.com/"} },
		"Config.URL":             func(c *irmaserver.Config) { c.URL = "://x" },
	}
	for field, change := range tests {
		cfg := good
		change(&cfg)
		if _, err := irmaserver.New(cfg); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
