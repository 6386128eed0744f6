package requestor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// TestVerify reads what a real server signs.
func TestVerify(t *testing.T) {
	t.Parallel()
	server := irmatest.NewServer(t, func(cfg *irmaserver.Config) { cfg.JWTKey, cfg.JWTIssuer = rsaKey(), "irma" })
	client := &requestor.Client{URL: server.URL}
	user := newUser(t, server, wallet.Config{})
	pkg := server.Start(t, irma.NewDisclosureRequest(bsn))
	if _, err := user.Perform(t.Context(), pkg.SessionPtr); err != nil {
		t.Fatal(err)
	}
	token, err := client.ResultJWT(t.Context(), pkg.Token)
	if err != nil {
		t.Fatal(err)
	}
	pemKey, err := server.Irma.PublicKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	key, err := requestor.ParseServerKey(pemKey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := (&requestor.Verifier{Key: key, Issuer: "irma"}).Verify([]byte(token))
	if err != nil {
		t.Fatal(err)
	}
	want, err := server.Irma.Result(t.Context(), pkg.Token)
	if diff := cmp.Diff(want, signed.SessionResult); err != nil || diff != "" {
		t.Errorf("%v; result (-want +got):\n%s", err, diff)
	}
	if signed.Issuer != "irma" || signed.Expiry.Sub(signed.IssuedAt) != 2*time.Minute {
		t.Errorf("got %+v", signed)
	}
	proof, err := server.Irma.ProofJWT(t.Context(), pkg.Token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&requestor.Verifier{Key: key}).Verify([]byte(proof)); err == nil {
		t.Error("another kind of JWT of the same server is accepted")
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	const now = 1795327296
	claims := func(overrides string) string {
		return fmt.Sprintf(`{"exp":%d,"iat":%d,"iss":"irma","sub":"disclosing_result","token":"t","status":"DONE","type":"disclosing"%s}`, now+120, now, overrides)
	}
	good := &requestor.Verifier{Key: &rsaKey().PublicKey, Issuer: "irma", Now: func() time.Time { return time.Unix(now, 0) }}
	sign := func(payload string) string {
		token, err := jwt.Sign([]byte(payload), rsaKey())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	if _, err := good.Verify([]byte(sign(claims("")))); err != nil {
		t.Fatal(err)
	}
	hmac, err := jwt.SignHMAC([]byte(claims("")), []byte(pemOf(rsaKey())))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ token, want string }{
		"nothing":         {"", "three parts"},
		"hmac":            {hmac, "signature is invalid"},
		"unsigned":        {"eyJhbGciOiJub25lIn0." + strings.Split(hmac, ".")[1] + ".", "signature is invalid"},
		"payload changed": {replacePart(sign(claims("")), strings.Split(sign(claims(`,"x":1`)), ".")[1]), "signature is invalid"},
		"expired":         {sign(claims(`,"exp":1795327296`)), "expired"},
		"no expiry":       {sign(claims(`,"exp":null`)), "iat or exp is missing"},
		"no beginning":    {sign(claims(`,"iat":null`)), "iat or exp is missing"},
		"in the future":   {sign(claims(`,"iat":1795327360`)), "not valid yet"},
		"nbf":             {sign(claims(`,"nbf":1795327360`)), "not valid yet"},
		"issuer":          {sign(claims(`,"iss":"another"`)), `expected "irma"`},
		"subject":         {sign(claims(`,"sub":"issuing_result"`)), "the subject is"},
		"no type":         {sign(claims(`,"sub":"_result","type":""`)), "the subject is"},
		"no status":       {sign(claims(`,"status":""`)), "unknown status"},
		"no object":       {sign(`[]`), "JSON object"},
		"disclosed":       {sign(claims(`,"disclosed":[1]`)), "session result"},
	} {
		if _, err := good.Verify([]byte(tt.token)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, want %q", name, err, tt.want)
		}
	}
	if _, err := new(requestor.Verifier).Verify([]byte(sign(claims("")))); err == nil {
		t.Error("a Verifier without a key accepts something")
	}
}

func replacePart(token, payload string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + payload + "." + parts[2]
}

// TestShapes is about the forms of results.
func TestShapes(t *testing.T) {
	t.Parallel()
	value := "42"
	attr := &irma.DisclosedAttribute{RawValue: &value, Identifier: "a.b.c.d", Status: irma.AttributePresent}
	const encoded = `{"rawvalue":"42","value":null,"id":"a.b.c.d","status":"PRESENT","issuancetime":0}`
	for name, tt := range map[string]struct {
		disclosed string
		want      [][]*irma.DisclosedAttribute
	}{
		"nested":      {`[[` + encoded + `],[],null]`, [][]*irma.DisclosedAttribute{{attr}, {}, nil}},
		"flat":        {`[` + encoded + `,` + encoded + `]`, [][]*irma.DisclosedAttribute{{attr}, {attr}}},
		"unsatisfied": {`[null]`, [][]*irma.DisclosedAttribute{nil}},
		"none":        {`null`, nil},
	} {
		got, err := requestor.UnsignedCallback(post(`{"token":"t","status":"DONE","type":"disclosing","disclosed":` + tt.disclosed + `}`))
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(tt.want, got.Disclosed); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{``, `null`, `[]`, `{}`, `"DONE"`, `{"status":"BETTER"}`} {
		if _, err := requestor.UnsignedCallback(post(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
