package requestor_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/requestor"
)

var secret = []byte("0123456789abcdef0123456789abcdef")

func pemOf(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// TestAuth starts sessions of every kind at a server that knows three requestors.
func TestAuth(t *testing.T) {
	t.Parallel()
	everything := auth.Permissions{Disclose: []string{"*"}, Sign: []string{"*"}, Issue: []string{"*"}}
	known, err := auth.New(auth.Config{DefaultHost: "127.0.0.1", Requestors: []auth.Requestor{
		{Name: "one", Method: auth.Token, Token: "a long and secret token", Permissions: everything},
		{Name: "two", Method: auth.HMAC, HMACKey: secret, Permissions: everything},
		{Name: "three", Method: auth.PublicKey, PublicKey: &rsaKey().PublicKey, Permissions: everything},
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := irmatest.NewServer(t, func(cfg *irmaserver.Config) { cfg.Authenticator, cfg.URL = known, "http://127.0.0.1/irma/" })
	start := func(method, name, key string) error {
		a, err := requestor.ParseAuth(method, name, key)
		if err != nil {
			t.Fatal(err)
		}
		client := &requestor.Client{URL: server.URL, Auth: a}
		for _, request := range []irma.Request{
			irma.NewDisclosureRequest(bsn),
			&irma.ExtendedRequest{Validity: 10, Request: irma.NewSignatureRequest("message", bsn)},
			irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: bsn.CredentialType(), Attributes: map[string]string{"bsn": "1"}}),
		} {
			pkg, err := client.StartSession(t.Context(), request)
			if err != nil {
				return err
			}
			if want := request.Extended().Request.Action(); pkg.SessionPtr.Action != want {
				t.Errorf("session is %s, want %s", pkg.SessionPtr.Action, want)
			}
		}
		return nil
	}
	encoded := base64.URLEncoding.EncodeToString(secret)
	for _, tt := range []struct {
		method, name, key string
		want              error
	}{
		{"token", "", "a long and secret token\n", nil},
		{"hmac", "two", encoded + "\n", nil},
		{"publickey", "three", pemOf(rsaKey()), nil},
		{"rsa", "three", pemOf(rsaKey()), nil},
		{"none", "", "", irma.ErrInvalidRequest},
		{"token", "", "another token", irma.ErrUnauthorized},
		{"hmac", "three", encoded, irma.ErrInvalidRequest},
		{"hmac", "two", base64.StdEncoding.EncodeToString([]byte("another")), irma.ErrInvalidRequest},
	} {
		if err := start(tt.method, tt.name, tt.key); !errors.Is(err, tt.want) {
			t.Errorf("%s as %q: got error %v, want %v", tt.method, tt.name, err, tt.want)
		}
	}
}

func TestParseAuthErrors(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ method, name, key, want string }{
		"method":      {"basic", "me", "KEY", "must be none, token, hmac or publickey"},
		"no key":      {"token", "me", " \n", "needs a key"},
		"no name":     {"hmac", "", "KEY", "needs the name"},
		"no base64":   {"hmac", "me", "K*Y", "hmac key: not base64"},
		"no PEM":      {"rsa", "me", "KEY", "no PEM block"},
		"public key":  {"publickey", "me", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "expected a PEM block RSA PRIVATE KEY"},
		"rsa no name": {"rsa", "", "KEY", "needs the name"},
	} {
		_, err := requestor.ParseAuth(tt.method, tt.name, tt.key)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "K*Y") {
			t.Errorf("%s: got error %v, want %q", name, err, tt.want)
		}
	}
}

// TestAuthHidesKeys prints what programs print when they look for a mistake.
func TestAuthHidesKeys(t *testing.T) {
	t.Parallel()
	client := requestor.Client{Auth: requestor.Token("sesame")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, client); strings.Contains(text, "sesame") || !strings.Contains(text, "token") {
			t.Errorf("%s: %s", verb, text)
		}
	}
}

func TestSignWithoutKey(t *testing.T) {
	t.Parallel()
	for _, a := range []requestor.Auth{{}, requestor.Token("token")} {
		if _, err := a.Sign(irma.NewDisclosureRequest(bsn), time.Now()); err == nil || a.Signs() {
			t.Errorf("%v signs", a)
		}
	}
}

// TestSign is about the exact form that servers expect.
func TestSign(t *testing.T) {
	t.Parallel()
	token, err := requestor.HMAC("foo", []byte("secret")).Sign(
		irma.NewSignatureRequest("m", "irma-demo.RU.studentCard.level"), time.Unix(1795328318, 5))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, part := range strings.Split(token, ".")[:2] {
		decoded, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(decoded))
	}
	const header = `{"alg":"HS256","typ":"JWT"}`
	const payload = `{"sub":"signature_request","iss":"foo","iat":1795328318,` +
		`"absrequest":{"request":{"@context":"https://irma.app/ld/request/signature/v2",` +
		`"disclose":[[["irma-demo.RU.studentCard.level"]]],"message":"m"}}}`
	if parts[0] != header || parts[1] != payload {
		t.Errorf("got %s and %s", parts[0], parts[1])
	}
}
