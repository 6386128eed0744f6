package jwt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/internal/jwt"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload string
		want    jwt.Claims
	}{
		"none":          {`{}`, jwt.Claims{}},
		"texts":         {`{"iss":"shop","sub":"signing","jti":"7"}`, jwt.Claims{Issuer: "shop", Subject: "signing", ID: "7"}},
		"null":          {`{"iss":null,"sub":null,"jti":null,"aud":null,"iat":null,"exp":null,"nbf":null}`, jwt.Claims{}},
		"dates":         {`{"iat":1,"exp":2,"nbf":3}`, jwt.Claims{IssuedAt: time.Unix(1, 0), Expiry: time.Unix(2, 0), NotBefore: time.Unix(3, 0)}},
		"epoch":         {`{"iat":0}`, jwt.Claims{IssuedAt: time.Unix(0, 0)}},
		"fraction":      {`{"iat":1795328318.5}`, jwt.Claims{IssuedAt: time.Unix(1795328318, 5e8)}},
		"exponent":      {`{"iat":1.7e9}`, jwt.Claims{IssuedAt: time.Unix(17e8, 0)}},
		"before 1970":   {`{"iat":-1.5}`, jwt.Claims{IssuedAt: time.Unix(-2, 5e8)}},
		"far future":    {`{"exp":1e300}`, jwt.Claims{Expiry: time.Unix(1<<53, 0)}},
		"far past":      {`{"exp":-1e300}`, jwt.Claims{Expiry: time.Unix(-(1 << 53), 0)}},
		"audience":      {`{"aud":"me"}`, jwt.Claims{}},
		"audiences":     {`{"aud":["me","you"]}`, jwt.Claims{}},
		"other claims":  {`{"sprequest":{"iss":"inside"},"x":[1,{"sub":"x"}]}`, jwt.Claims{}},
		"space":         {" {\"iss\" : \"shop\"}\n", jwt.Claims{Issuer: "shop"}},
		"last one wins": {`{"iss":"a","iss":"b"}`, jwt.Claims{Issuer: "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t, unsigned(`{"alg":"HS256"}`, test.payload)+".").Claims()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("claims (-want +got)\n%s", diff)
			}
		})
	}
}

func TestClaimsRefuses(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		``:                    "not a JSON object",
		`null`:                "not a JSON object",
		" null\n":             "not a JSON object",
		`[]`:                  "not a JSON object",
		`"iss"`:               "not a JSON object",
		`{"iss":"a"} {}`:      "not a JSON object",
		`{"iss":1}`:           "iss of the JWT is not a string",
		`{"sub":["signing"]}`: "sub of the JWT is not a string",
		`{"jti":7}`:           "jti of the JWT is not a string",
		`{"aud":5}`:           "aud of the JWT is not a string or a list",
		`{"aud":["a",5]}`:     "aud of the JWT is not a string or a list",
		`{"aud":{}}`:          "aud of the JWT is not a string or a list",
		`{"iat":"1"}`:         "iat of the JWT is not a number",
		`{"iat":1e999}`:       "iat of the JWT is not a number",
		`{"exp":true}`:        "exp of the JWT is not a number",
		`{"nbf":[]}`:          "nbf of the JWT is not a number",
	} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t, unsigned(`{"alg":"HS256"}`, payload)+".").Claims()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got claims %+v and error %v, want one with %q", got, err, want)
			}
		})
	}
}
