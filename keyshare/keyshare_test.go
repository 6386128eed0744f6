package keyshare_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	_ "crypto/sha512" // for RS384 and RS512
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/keyshare"
	"github.com/irmad/irmaserver/scheme"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// keys are those of a keyshare server, 0 and 7, and of somebody else. They are
// short, so that the fuzz target signs quickly.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	var out []*rsa.PrivateKey
	for range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 1024)
		if err != nil {
			panic(err)
		}
		out = append(out, key)
	}
	return out
})

// distributed is a scheme with the two keys of the server, and two of no use.
func distributed() *scheme.Scheme {
	return &scheme.Scheme{ID: "test", KeyshareServer: "https://keyshare.example", KeyshareKeys: map[int]*rsa.PublicKey{
		0: &keys()[0].PublicKey,
		7: &keys()[1].PublicKey,
		8: {N: big.NewInt(15), E: 3},
		9: nil,
	}}
}

// The tokens of the tests are made with the standard library alone.

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func signed(tb testing.TB, key *rsa.PrivateKey, hash crypto.Hash, header, payload string) string {
	tb.Helper()
	text := encode(header) + "." + encode(payload)
	digest := hash.New()
	digest.Write([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, hash, digest.Sum(nil))
	if err != nil {
		tb.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// statement is what keyshare servers sign, but for the members of more.
func statement(more map[string]any) string {
	content := map[string]any{
		"iss": "keyshare_server", "sub": "ProofP", "iat": now.Unix(),
		"ProofP": map[string]any{"P": "Aw==", "c": "BA==", "s_response": "BQ=="},
	}
	for name, value := range more {
		content[name] = value
		if value == nil {
			delete(content, name)
		}
	}
	out, err := json.Marshal(content)
	if err != nil {
		panic(err)
	}
	return string(out)
}

const rs256 = `{"alg":"RS256","typ":"JWT","kid":"0"}`

func TestVerify(t *testing.T) {
	t.Parallel()
	honest := statement(nil)
	numbers := &irma.ProofP{P: irma.NewInt(3), C: irma.NewInt(4), SResponse: irma.NewInt(5)}
	at := func(claims ...any) string {
		more := map[string]any{}
		for i := 0; i < len(claims); i += 2 {
			more[claims[i].(string)] = now.Add(claims[i+1].(time.Duration)).Unix()
		}
		return signed(t, keys()[0], crypto.SHA256, rs256, statement(more))
	}
	for name, test := range map[string]struct {
		token string
		want  *irma.ProofP
	}{
		"RS256":                   {signed(t, keys()[0], crypto.SHA256, rs256, honest), numbers},
		"RS384":                   {signed(t, keys()[0], crypto.SHA384, `{"alg":"RS384"}`, honest), numbers},
		"RS512":                   {signed(t, keys()[0], crypto.SHA512, `{"alg":"RS512"}`, honest), numbers},
		"no kid":                  {signed(t, keys()[0], crypto.SHA256, `{"alg":"RS256"}`, honest), numbers},
		"kid a number":            {signed(t, keys()[0], crypto.SHA256, `{"alg":"RS256","kid":7}`, honest), numbers},
		"kid null":                {signed(t, keys()[0], crypto.SHA256, `{"alg":"RS256","kid":null}`, honest), numbers},
		"kid of another key":      {signed(t, keys()[1], crypto.SHA256, `{"alg":"RS256","kid":"7"}`, honest), numbers},
		"without P":               {signed(t, keys()[0], crypto.SHA256, rs256, statement(map[string]any{"ProofP": map[string]any{"c": "BA==", "s_response": "BQ=="}})), &irma.ProofP{C: irma.NewInt(4), SResponse: irma.NewInt(5)}},
		"P null":                  {signed(t, keys()[0], crypto.SHA256, rs256, statement(map[string]any{"ProofP": map[string]any{"P": nil, "c": 4, "s_response": 5}})), &irma.ProofP{C: irma.NewInt(4), SResponse: irma.NewInt(5)}},
		"any issuer":              {signed(t, keys()[0], crypto.SHA256, rs256, statement(map[string]any{"iss": nil})), numbers},
		"clock ahead by leeway":   {at("iat", keyshare.Leeway), numbers},
		"just not too old":        {at("iat", -keyshare.MaxAge), numbers},
		"expires":                 {at("exp", time.Second), numbers},
		"expired within leeway":   {at("exp", time.Second-keyshare.Leeway), numbers},
		"not before, with leeway": {at("nbf", keyshare.Leeway), numbers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := keyshare.Verify(distributed(), test.token, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("proof (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	honest := statement(nil)
	of := func(header, payload string) string { return signed(t, keys()[0], crypto.SHA256, header, payload) }
	with := func(name string, value any) string { return of(rs256, statement(map[string]any{name: value})) }
	at := func(name string, d time.Duration) string { return with(name, now.Add(d).Unix()) }
	good := of(rs256, honest)
	der, err := x509.MarshalPKIXPublicKey(&keys()[0].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	hs := encode(`{"alg":"HS256"}`) + "." + encode(honest)
	mac.Write([]byte(hs))
	for name, test := range map[string]struct{ token, want string }{
		"nothing":                  {"", "three parts"},
		"garbage":                  {"garbage", "three parts"},
		"very long":                {good + strings.Repeat("A", 16<<10), "longer than 16384 bytes"},
		"header not JSON":          {of("x", honest), "not a JSON object"},
		"critical extension":       {of(`{"alg":"RS256","crit":["x"]}`, honest), "crit"},
		"none":                     {encode(`{"alg":"none"}`) + "." + encode(honest) + ".", "not signed with the key"},
		"HS256 with the key":       {hs + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)), "not signed with the key"},
		"PS256":                    {of(`{"alg":"PS256"}`, honest), "not signed with the key"},
		"RS512 is RS256":           {of(`{"alg":"RS512"}`, honest), "not signed with the key"},
		"no signature":             {good[:strings.LastIndex(good, ".")+1], "not signed with the key"},
		"changed":                  {strings.Replace(good, encode(honest), encode(statement(map[string]any{"x": 1})), 1), "not signed with the key"},
		"key of somebody else":     {signed(t, keys()[2], crypto.SHA256, rs256, honest), "not signed with the key"},
		"other key of the server":  {signed(t, keys()[1], crypto.SHA256, rs256, honest), "not signed with the key"},
		"kid unknown":              {of(`{"alg":"RS256","kid":"1"}`, honest), "key 1, a key of the keyshare server that this server does not know"},
		"kid of nil":               {of(`{"alg":"RS256","kid":"9"}`, honest), "key 9, a key of the keyshare server that this server does not know"},
		"kid of a key of no use":   {of(`{"alg":"RS256","kid":"8"}`, honest), "key 8 of the keyshare server cannot be used"},
		"kid empty":                {of(`{"alg":"RS256","kid":""}`, honest), "is not the number of a key"},
		"kid not a number":         {of(`{"alg":"RS256","kid":"../../etc/passwd"}`, honest), "is not the number of a key"},
		"kid negative":             {of(`{"alg":"RS256","kid":"-1"}`, honest), "is not the number of a key"},
		"kid large":                {of(`{"alg":"RS256","kid":"4294967296"}`, honest), "is not the number of a key"},
		"payload not JSON":         {of(rs256, "x"), "not a JSON object"},
		"payload null":             {of(rs256, "null"), "not a JSON object"},
		"sub of another token":     {with("sub", "auth_tok"), `the subject "auth_tok"`},
		"no sub":                   {with("sub", nil), `the subject ""`},
		"sub of another spelling":  {with("sub", "proofp"), `the subject "proofp"`},
		"no iat":                   {with("iat", nil), "has no iat"},
		"iat a string":             {with("iat", "1"), "iat of the JWT is not a number"},
		"too old":                  {at("iat", -keyshare.MaxAge-time.Second), "issued 10m1s ago, at most 10m0s"},
		"very old":                 {with("iat", -1e300), "ago"},
		"future":                   {at("iat", keyshare.Leeway+time.Second), "issued 1m1s in the future"},
		"far future":               {with("iat", 1e300), "in the future"},
		"expired":                  {at("exp", -keyshare.Leeway), "has expired"},
		"not valid yet":            {at("nbf", keyshare.Leeway+time.Second), "not valid yet"},
		"no proof":                 {with("ProofP", nil), "has no ProofP"},
		"proof a string":           {with("ProofP", "AA=="), "malformed"},
		"proof a list":             {with("ProofP", []any{}), "malformed"},
		"proof empty":              {with("ProofP", map[string]any{}), "has no c"},
		"no c":                     {with("ProofP", map[string]any{"P": "Aw==", "s_response": "BQ=="}), "has no c"},
		"c null":                   {with("ProofP", map[string]any{"c": nil, "s_response": "BQ=="}), "has no c"},
		"no s_response":            {with("ProofP", map[string]any{"P": "Aw==", "c": "BA=="}), "has no s_response"},
		"c negative":               {with("ProofP", map[string]any{"c": -4, "s_response": "BQ=="}), "malformed"},
		"c not base64":             {with("ProofP", map[string]any{"c": "!", "s_response": "BQ=="}), "malformed"},
		"P a fraction":             {with("ProofP", map[string]any{"P": 0.5, "c": "BA==", "s_response": "BQ=="}), "malformed"},
		"s_response an object":     {with("ProofP", map[string]any{"c": "BA==", "s_response": map[string]any{}}), "malformed"},
		"text behind the contents": {of(rs256, honest+"{}"), "not a JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := keyshare.Verify(distributed(), test.token, now)
			if err == nil || got != nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %+v and error %v, want one with %q", got, err, test.want)
			}
			if errors.Is(err, keyshare.ErrUnknownKey) != strings.Contains(test.want, "server does not know") {
				t.Errorf("error %v is ErrUnknownKey, or should be", err)
			}
			if len(err.Error()) > 200 {
				t.Errorf("error of %d bytes: %v", len(err.Error()), err)
			}
		})
	}
}

// A scheme without keyshare server has no keys, so nothing is signed with them.
func TestVerifyWithoutKeys(t *testing.T) {
	t.Parallel()
	token := signed(t, keys()[0], crypto.SHA256, rs256, statement(nil))
	if got, err := keyshare.Verify(&scheme.Scheme{ID: "test"}, token, now); err == nil {
		t.Errorf("got %+v", got)
	}
}

// FuzzVerify expects that nothing passes that the server did not sign, and that
// what it did sign is sane when it passes.
func FuzzVerify(f *testing.F) {
	honest := statement(nil)
	f.Add(rs256, honest, ".")
	f.Add(`{"alg":"RS256","kid":7}`, statement(map[string]any{"iat": 1e300}), "..")
	f.Add(`{"alg":"none"}`, `{"sub":"ProofP","iat":1781524800,"ProofP":{"c":1,"s_response":2}}`, "a.b.c")
	f.Add(rs256, `{"sub":"ProofP","iat":1781524800,"ProofP":{"P":"","c":"","s_response":""}}`, encode(rs256)+"."+encode(honest)+".AAAA")
	f.Fuzz(func(t *testing.T, header, payload, raw string) {
		if got, err := keyshare.Verify(distributed(), raw, now); err == nil {
			t.Fatalf("unsigned %q gives %+v", raw, got)
		}
		got, err := keyshare.Verify(distributed(), signed(t, keys()[0], crypto.SHA256, header, payload), now)
		if err != nil {
			if got != nil {
				t.Fatalf("%+v together with the error %v", got, err)
			}
			return
		}
		if got.C == nil || got.SResponse == nil {
			t.Fatalf("%q gives %+v", payload, got)
		}
		for _, x := range []*irma.Int{got.P, got.C, got.SResponse} {
			if x != nil && x.Big().Sign() < 0 {
				t.Fatalf("%q gives a negative number", payload)
			}
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		iat := fmt.Sprint(now.Unix())
		same, err := keyshare.Verify(distributed(),
			signed(t, keys()[0], crypto.SHA256, rs256, `{"sub":"ProofP","iat":`+iat+`,"ProofP":`+string(again)+`}`), now)
		if diff := cmp.Diff(got, same); err != nil || diff != "" {
			t.Fatalf("read again: %v\n%s", err, diff)
		}
	})
}

// BenchmarkVerify is what the statement of one scheme adds to an issuance.
func BenchmarkVerify(b *testing.B) {
	token := signed(b, keys()[0], crypto.SHA256, rs256, statement(nil))
	s := distributed()
	for b.Loop() {
		if _, err := keyshare.Verify(s, token, now); err != nil {
			b.Fatal(err)
		}
	}
}
