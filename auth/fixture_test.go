package auth_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
)

const (
	defaultHost = "irma.example.com"
	shopToken   = "shop-token-0123456789"
)

var (
	now        = time.Unix(1795328318, 0)
	secret     = []byte("0123456789abcdef0123456789abcdef")
	bankSecret = []byte("fedcba9876543210fedcba9876543210")
)

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

var everything = auth.Permissions{Disclose: []string{"*"}, Sign: []string{"*"}, Issue: []string{"*"}, Revoke: []string{"*"}}

// config has a requestor of each method, who may ask everything.
func config() auth.Config {
	return auth.Config{
		Requestors: []auth.Requestor{
			{Name: "shop", Method: auth.Token, Token: shopToken, Permissions: everything},
			{Name: "market", Method: auth.Token, Token: "market-token-0123456789", Permissions: everything},
			{Name: "city", Method: auth.HMAC, HMACKey: secret, Permissions: everything},
			{Name: "bank", Method: auth.HMAC, HMACKey: bankSecret, Permissions: everything},
			{Name: "State", Method: auth.PublicKey, PublicKey: &rsaKey().PublicKey, Permissions: everything},
		},
		DefaultHost: defaultHost,
		Now:         func() time.Time { return now },
	}
}

func newAuth(tb testing.TB, cfg auth.Config) *auth.Authenticator {
	tb.Helper()
	a, err := auth.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// requestBody is an extended request that is fine.
const requestBody = `{"request":{"@context":"https://irma.app/ld/request/disclosure/v2","disclose":[[["a.b.c.d"]]]}}`

// post makes a POST with these headers, empty ones left out.
func post(contentType, authorization, body string) (*http.Request, []byte) {
	r := httptest.NewRequest(http.MethodPost, "/session", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r, []byte(body)
}

func postJWT(token string) (*http.Request, []byte) { return post("text/plain", "", token) }

// members is a JSON object.
type members map[string]any

// with returns the object with other members; those that are nil are removed.
func (m members) with(changes members) members {
	out := maps.Clone(m)
	for name, value := range changes {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}

// claims are those of a good JWT of this requestor.
func claims(name string) members {
	return members{
		"iss": name, "sub": "verification_request", "iat": now.Unix(),
		"sprequest": json.RawMessage(requestBody),
	}
}

func encode(tb testing.TB, header, payload members) string {
	tb.Helper()
	var parts []string
	for _, part := range []members{header, payload} {
		text, err := json.Marshal(part)
		if err != nil {
			tb.Fatal(err)
		}
		parts = append(parts, segment(string(text)))
	}
	return strings.Join(parts, ".")
}

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func sealHMAC(key []byte, signed string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func hs256(tb testing.TB, key []byte, payload members) string {
	tb.Helper()
	return sealHMAC(key, encode(tb, members{"alg": "HS256", "typ": "JWT"}, payload))
}

func sealRSA(tb testing.TB, key *rsa.PrivateKey, signed string) string {
	tb.Helper()
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		tb.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func rs256(tb testing.TB, key *rsa.PrivateKey, payload members) string {
	tb.Helper()
	return sealRSA(tb, key, encode(tb, members{"alg": "RS256", "typ": "JWT"}, payload))
}

// wanted is the error that a test expects; the zero value is none.
type wanted struct {
	kind    *irma.Error
	message string // the message, or how it begins if that ends in "..."
}

func (w wanted) check(tb testing.TB, err error) {
	tb.Helper()
	if w.kind == nil {
		if err != nil {
			tb.Errorf("got error %v, want none", err)
		}
		return
	}
	got := irma.AsError(err)
	if got == nil || !got.Is(w.kind) {
		tb.Errorf("got error %v, want one of kind %s", err, w.kind.Name)
		return
	}
	start, open := strings.CutSuffix(w.message, "...")
	if got.Message != w.message && (!open || !strings.HasPrefix(got.Message, start)) {
		tb.Errorf("got message %q, want %q", got.Message, w.message)
	}
}

func refused(message string) wanted      { return wanted{irma.ErrInvalidRequest, message} }
func unauthorized(message string) wanted { return wanted{irma.ErrUnauthorized, message} }

// expect authenticates and expects this name, or this error.
func expect(tb testing.TB, a *auth.Authenticator, r *http.Request, body []byte, name string, want wanted) {
	tb.Helper()
	got, request, err := a.Authenticate(r, body)
	want.check(tb, err)
	if got != name {
		tb.Errorf("got requestor %q, want %q", got, name)
	}
	if (request == nil) != (err != nil) {
		tb.Errorf("got request %v besides error %v", request, err)
	}
	if early := a.CheckHeader(r.Header); early != nil && (err == nil || early.Error() != err.Error()) {
		tb.Errorf("the header gives error %v, the whole request %v", early, err)
	}
}

func authorize(a *auth.Authenticator, name string, request *irma.SessionRequest) error {
	return a.Authorize(context.Background(), name, request)
}
