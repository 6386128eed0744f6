package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/auth"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	token := func(name, token string) auth.Requestor {
		return auth.Requestor{Name: name, Method: auth.Token, Token: token}
	}
	for name, test := range map[string]struct {
		cfg  auth.Config
		want string
	}{
		"nobody":               {auth.Config{}, "no requestors configured; either configure one or more requestors or disable requestor authentication"},
		"somebody in no_auth":  {auth.Config{NoAuth: true, Requestors: []auth.Requestor{token("a", "x")}}, "requestors must not be configured when requestor authentication is disabled"},
		"negative age":         {auth.Config{NoAuth: true, MaxRequestAge: -time.Second}, "max_request_age must not be negative (was -1s)"},
		"no method":            {auth.Config{Requestors: []auth.Requestor{{Name: "a"}}}, "requestor a has unsupported authentication type  (supported methods: token, hmac, publickey)"},
		"unknown method":       {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: "none"}}}, "requestor a has unsupported authentication type none (supported methods: token, hmac, publickey)"},
		"empty name":           {auth.Config{Requestors: []auth.Requestor{token("", "x")}}, "a requestor has an empty name"},
		"space in name":        {auth.Config{Requestors: []auth.Requestor{token("a ", "x")}}, `the name "a " of a requestor has white space`},
		"line break in name":   {auth.Config{Requestors: []auth.Requestor{token("a\nb", "x")}}, `the name "a\nb" of a requestor has`},
		"same name":            {auth.Config{Requestors: []auth.Requestor{token("a", "x"), token("b", "y"), token("a", "z")}}, "two requestors have the name a"},
		"same token":           {auth.Config{Requestors: []auth.Requestor{token("a", "x"), token("b", "x")}}, "requestors a and b have the same token"},
		"empty token":          {auth.Config{Requestors: []auth.Requestor{token("a", "")}}, "failed to read key of requestor a: empty key provided"},
		"empty secret":         {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: auth.HMAC, HMACKey: []byte{}}}}, "failed to read key of requestor a: empty key provided"},
		"no public key":        {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: auth.PublicKey}}}, "failed to read key of requestor a: empty key provided"},
		"unusable public key":  {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: auth.PublicKey, PublicKey: &rsa.PublicKey{N: big.NewInt(15), E: 3}}}}, "public key of requestor a: invalid key: "},
		"key of other method":  {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: auth.HMAC, Token: "x"}}}, "requestor a has a key of another method than hmac"},
		"keys of two methods":  {auth.Config{Requestors: []auth.Requestor{{Name: "a", Method: auth.Token, Token: "x", HMACKey: secret}}}, "requestor a has a key of another method than token"},
		"token not for header": {auth.Config{Requestors: []auth.Requestor{token("a", "x\ny")}}, "token of requestor a has white space"},
		"token with space":     {auth.Config{Requestors: []auth.Requestor{token("a", "x ")}}, "token of requestor a has white space"},
		"long token":           {auth.Config{Requestors: []auth.Requestor{token("a", strings.Repeat("x", 4097))}}, "token of requestor a is longer than 4096 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := auth.New(test.cfg)
			if err == nil || a != nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestNewPermissions(t *testing.T) {
	t.Parallel()
	four := []string{"*", "a.*", "a.b.*", "a.b.c.*", "a.b.c.d"}
	three := []string{"*", "a.*", "a.b.*", "a.b.c"}
	cfg := config()
	cfg.Global = auth.Permissions{Disclose: four, Sign: four, Issue: three, Revoke: three}
	newAuth(t, cfg)

	cfg.Global = auth.Permissions{
		Disclose: []string{"a.*.c.d", "a.*.*", "a.b", "a.b.c.d.e", "", "**", "a.b.c.d*"},
		Sign:     []string{"a.b.c.d.*"},
		Issue:    []string{"a.b.c.*", "a.b.c.d", "a.b.c"},
	}
	cfg.Requestors[0].Permissions = auth.Permissions{Revoke: []string{"a", "a..c", ".a.b", "a.b.", "a. b.c", "*.a"}}
	_, err := auth.New(cfg)
	want := &auth.PermissionsError{Problems: []string{
		"Global disclosing permission 'a.*.c.d' contains asterisk not at end of line",
		"Global disclosing permission 'a.*.*' contains too many asterisks (at most 1 permitted)",
		"Global disclosing permission 'a.b' should have 4 parts",
		"Global disclosing permission 'a.b.c.d.e' should have 4 parts",
		"Global disclosing permission '' should have 4 parts",
		"Global disclosing permission '**' contains too many asterisks (at most 1 permitted)",
		"Global disclosing permission 'a.b.c.d*' contains asterisk that is only a piece of a part",
		"Global signing permission 'a.b.c.d.*' should have at most 4 parts",
		"Global issuing permission 'a.b.c.*' should have at most 3 parts",
		"Global issuing permission 'a.b.c.d' should have 3 parts",
		"Requestor shop revoking permission 'a' should have 3 parts",
		"Requestor shop revoking permission 'a..c' contains an empty part",
		"Requestor shop revoking permission '.a.b' contains an empty part",
		"Requestor shop revoking permission 'a.b.' contains an empty part",
		"Requestor shop revoking permission 'a. b.c' contains white space",
		"Requestor shop revoking permission '*.a' contains asterisk not at end of line",
	}}
	var got *auth.PermissionsError
	if !errors.As(err, &got) {
		t.Fatalf("got error %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
	if !strings.HasPrefix(err.Error(), "Errors encountered in permissions:\nGlobal disclosing permission 'a.*.c.d' contains") {
		t.Errorf("got text %q", err)
	}
}

func TestParseRequestor(t *testing.T) {
	t.Parallel()
	der, err := x509.MarshalPKIXPublicKey(&rsaKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	encoded := base64.StdEncoding.EncodeToString(secret)
	for name, test := range map[string]struct {
		method, key string
		want        auth.Requestor
	}{
		"token":           {"token", shopToken, auth.Requestor{Name: "a", Method: auth.Token, Token: shopToken}},
		"token from file": {"token", shopToken + "\r\n", auth.Requestor{Name: "a", Method: auth.Token, Token: shopToken}},
		"hmac":            {"hmac", encoded, auth.Requestor{Name: "a", Method: auth.HMAC, HMACKey: secret}},
		"hmac from file":  {"hmac", encoded + "\n", auth.Requestor{Name: "a", Method: auth.HMAC, HMACKey: secret}},
		"publickey":       {"publickey", string(published), auth.Requestor{Name: "a", Method: auth.PublicKey, PublicKey: &rsaKey().PublicKey}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := auth.ParseRequestor("a", test.method, []byte(test.key))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, sameKey); diff != "" {
				t.Errorf("requestor (-want +got)\n%s", diff)
			}
			newAuth(t, auth.Config{Requestors: []auth.Requestor{got}})
		})
	}
}

var sameKey = cmp.Comparer(func(a, b *rsa.PublicKey) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(b)
})

func TestParseRequestorRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ method, key, want string }{
		"method":         {"none", "x", "requestor a has unsupported authentication type none (supported methods: token, hmac, publickey)"},
		"empty":          {"token", "", "failed to read key of requestor a: empty key provided"},
		"only space":     {"hmac", " \n", "failed to read key of requestor a: empty key provided"},
		"not base64":     {"hmac", "SECRET!", "failed to base64 decode hmac key of requestor a: not base64"},
		"only padding":   {"hmac", "====", "failed to base64 decode hmac key of requestor a: not base64"},
		"not PEM":        {"publickey", "SECRET", "failed to parse public key of requestor a: invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key: there is no PEM block"},
		"break in token": {"token", "SECRET\nSECRET", "token of requestor a has white space"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.ParseRequestor("a", test.method, []byte(test.key))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := auth.ParseRequestor("", "token", []byte("x")); err == nil {
		t.Error("an empty name was accepted")
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	if got := newAuth(t, config()).Warnings(); len(got) != 0 {
		t.Errorf("warnings without reason: %q", got)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	a := newAuth(t, auth.Config{DefaultHost: defaultHost, Requestors: []auth.Requestor{
		{Name: "a", Method: auth.Token, Token: "short", Hosts: []string{"x.com", "[", defaultHost}},
		{Name: "b", Method: auth.HMAC, HMACKey: []byte("short"), Hosts: []string{"x.com"}},
		{Name: "c", Method: auth.PublicKey, PublicKey: &short.PublicKey, Hosts: []string{"*"}},
	}})
	want := []string{
		"Requestor a: the token is shorter than 16 bytes, which can be guessed",
		"Requestor a: host permission '[' is malformed and never matches",
		"Requestor b: the hmac key has 5 bytes, HS256 asks for at least 32",
		"Requestor b: no host permission matches the default host 'irma.example.com', so session requests without host are refused",
		"Requestor c: the public key has 1024 bits, RS256 asks for at least 2048",
	}
	if diff := cmp.Diff(want, a.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got)\n%s", diff)
	}
}

// What callers do with their Config afterwards makes no difference.
func TestNewCopies(t *testing.T) {
	t.Parallel()
	cfg := config()
	key := []byte("0123456789abcdef0123456789abcdef")
	cfg.Requestors[2].HMACKey = key
	cfg.Requestors[2].Permissions.Disclose = []string{"a.*"}
	a := newAuth(t, cfg)
	clear(key)
	cfg.Requestors[2].Permissions.Disclose[0] = "x.*"
	r, body := postJWT(hs256(t, secret, claims("city")))
	expect(t, a, r, body, "city", wanted{})
}
