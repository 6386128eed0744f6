package jwt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/internal/jwt"
)

func TestParse(t *testing.T) {
	t.Parallel()
	type fields struct {
		Algorithm, KeyID string
		HasKeyID         bool
	}
	for name, test := range map[string]struct {
		header string
		want   fields
	}{
		"algorithm":    {`{"alg":"HS256","typ":"JWT"}`, fields{Algorithm: "HS256"}},
		"key id":       {`{"alg":"RS256","kid":"shop"}`, fields{"RS256", "shop", true}},
		"empty key id": {`{"alg":"RS256","kid":""}`, fields{"RS256", "", true}},
		"nothing":      {`{}`, fields{}},
		"none":         {`{"alg":"none"}`, fields{Algorithm: "none"}},
		"last counts":  {`{"alg":"none","alg":"HS256"}`, fields{Algorithm: "HS256"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, space := range []string{"", "\n", "\r\n", " \t"} {
				token, err := jwt.Parse([]byte(unsigned(test.header, `{}`) + ".AAAA" + space))
				if err != nil {
					t.Fatal(err)
				}
				got := fields{token.Algorithm, token.KeyID, token.HasKeyID}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("with %q behind it (-want +got)\n%s", space, diff)
				}
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	good := unsigned(`{"alg":"HS256"}`, `{}`)
	for name, test := range map[string]struct{ token, want string }{
		"nothing":            {"", "three parts"},
		"garbage":            {"foo", "three parts"},
		"two parts":          {good, "three parts"},
		"four parts":         {good + ".AAAA.AAAA", "three parts"},
		"encrypted":          {good + ".AAAA.AAAA.AAAA", "three parts"},
		"many dots":          {strings.Repeat(".", 1<<20), "three parts"},
		"padding":            {good + ".AA==", "signature of the JWT is not base64"},
		"standard alphabet":  {good + ".AA+/", "signature of the JWT is not base64"},
		"surplus bits":       {good + ".AB", "signature of the JWT is not base64"},
		"line break inside":  {good + ".AA\nAA", "signature of the JWT is not base64"},
		"break in payload":   {encode(`{"alg":"HS256"}`) + ".e\n30.AAAA", "payload of the JWT is not base64"},
		"payload not base64": {encode(`{"alg":"HS256"}`) + ".!.AAAA", "payload of the JWT is not base64"},
		"header not base64":  {"!.e30.AAAA", "header of the JWT is not base64"},
		"header not JSON":    {unsigned(`foo`, `{}`) + ".AAAA", "not a JSON object"},
		"header a list":      {unsigned(`["HS256"]`, `{}`) + ".AAAA", "not a JSON object"},
		"algorithm a number": {unsigned(`{"alg":256}`, `{}`) + ".AAAA", "not a JSON object"},
		"critical extension": {unsigned(`{"alg":"HS256","crit":["b64"],"b64":false}`, `{}`) + ".AAAA", "crit"},
		"critical null":      {unsigned(`{"alg":"HS256","crit":null}`, `{}`) + ".AAAA", "crit"},
		"long header":        {unsigned(`{"alg":"`+strings.Repeat("x", 8000)+`"}`, `{}`) + ".AAAA", "header of the JWT is longer"},
		"long token":         {good + "." + strings.Repeat("A", 10<<20), "longer than 10485760"},
		"JSON serialization": {`{"payload":"e30","signatures":[]}`, "three parts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := jwt.Parse([]byte(test.token))
			if err == nil || token != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got token %v and error %v, want one with %q", token, err, test.want)
			}
		})
	}
}

func TestParseKeyIDNotString(t *testing.T) {
	t.Parallel()
	for _, kid := range []string{`1`, `null`, `["a"]`, `{"a":"b"}`, `true`} {
		token, err := jwt.Parse([]byte(unsigned(`{"alg":"HS256","kid":`+kid+`}`, `{}`) + ".AAAA"))
		if !errors.Is(err, jwt.ErrKeyID) {
			t.Errorf("kid %s: got error %v, want ErrKeyID", kid, err)
			continue
		}
		if token == nil || token.HasKeyID || token.KeyID != "" || token.Algorithm != jwt.HS256 {
			t.Errorf("kid %s: got token %+v, want one without key id", kid, token)
		}
	}
}
