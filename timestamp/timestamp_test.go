package timestamp_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/irma"
)

// existing is a timestamp made by the existing implementation of atum, over
// digest("I owe you everything").
const existing = `{"Time":1781524800,"ServerUrl":"https://atum.example/","Sig":{"Alg":"ed25519",
	"Data":"P1g2HJNu58WR/AEhqKUTqs1GrO8dyTQ77+XttGFvXHC3xOtOOl2vCIQUQV7dIIshEvn3zqChR60V/A+DkxJVBQ==",
	"PublicKey":"3/MjriteTaki43o60T7VXnGxqoW4+AJqmDBiO2KVsoo="}}`

func TestExistingTimestamp(t *testing.T) {
	t.Parallel()
	stamp := new(irma.AtumTimestamp)
	if err := json.Unmarshal([]byte(existing), stamp); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(atumtest.New("irmaserver timestamp test", expires, at(now)))
	defer server.Close()
	value := digest("I owe you everything")
	if err := verifier().Verify(t.Context(), server.URL+"/atumd", stamp, value); err != nil {
		t.Error(err)
	}
	stamp.Time++
	wantError(t, verifier().Verify(t.Context(), server.URL+"/atumd", stamp, value), "not over this time and value")
}

func TestRefusedBeforeAsking(t *testing.T) {
	t.Parallel()
	change := func(f func(*irma.AtumTimestamp)) func(*irma.AtumTimestamp) *irma.AtumTimestamp {
		return func(stamp *irma.AtumTimestamp) *irma.AtumTimestamp { f(stamp); return stamp }
	}
	tests := map[string]struct {
		change func(*irma.AtumTimestamp) *irma.AtumTimestamp
		value  []byte
		want   string
	}{
		"none":            {func(*irma.AtumTimestamp) *irma.AtumTimestamp { return nil }, digest("value"), "no timestamp"},
		"other value":     {change(func(*irma.AtumTimestamp) {}), digest("other"), "not over this time and value"},
		"short value":     {change(func(*irma.AtumTimestamp) {}), digest("value")[:31], "31 bytes"},
		"no value":        {change(func(*irma.AtumTimestamp) {}), nil, "0 bytes"},
		"other time":      {change(func(s *irma.AtumTimestamp) { s.Time-- }), digest("value"), "not over this time and value"},
		"no time":         {change(func(s *irma.AtumTimestamp) { s.Time = 0 }), digest("value"), "not a date"},
		"negative time":   {change(func(s *irma.AtumTimestamp) { s.Time = -5 }), digest("value"), "not a date"},
		"absurd time":     {change(func(s *irma.AtumTimestamp) { s.Time = 1 << 62 }), digest("value"), "not a date"},
		"changed":         {change(func(s *irma.AtumTimestamp) { s.Sig.Data[3] ^= 1 }), digest("value"), "not over this time and value"},
		"cut":             {change(func(s *irma.AtumTimestamp) { s.Sig.Data = s.Sig.Data[:63] }), digest("value"), "not over this time and value"},
		"empty":           {change(func(s *irma.AtumTimestamp) { s.Sig.Data = nil }), digest("value"), "not over this time and value"},
		"short key":       {change(func(s *irma.AtumTimestamp) { s.Sig.PublicKey = s.Sig.PublicKey[1:] }), digest("value"), "31 bytes"},
		"no key":          {change(func(s *irma.AtumTimestamp) { s.Sig.PublicKey = nil }), digest("value"), "0 bytes"},
		"XMSS-MT":         {change(func(s *irma.AtumTimestamp) { s.Sig.Alg = "xmssmt" }), digest("value"), "XMSS-MT signatures are not supported"},
		"other algorithm": {change(func(s *irma.AtumTimestamp) { s.Sig.Alg = "rsa" }), digest("value"), `algorithm "rsa"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, stamp := stamped(t)
			wantError(t, verifier().Verify(t.Context(), server.URL, test.change(stamp), test.value), test.want)
			if n := server.Lookups(); n != 0 {
				t.Errorf("asked %d times, want never", n)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		trusted bool
		expires time.Time
		want    string // "" = verifies
	}{
		"trusted":                         {true, expires, ""},
		"expires at the stamped moment":   {true, now, ""},
		"expired before it":               {true, now.Add(-time.Second), "the key expired 1s before the stamped time"},
		"not the server's key":            {false, expires, "does not trust the key"},
		"not the server's key, no expiry": {false, time.Time{}, "does not trust the key"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, stamp := stamped(t)
			server.Trust(test.trusted, test.expires)
			err := verifier().Verify(t.Context(), server.URL, stamp, digest("value"))
			if test.want != "" {
				wantError(t, err, test.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// Anybody can sign; a correct signature counts for nothing by itself, nor does
// the server's name in it.
func TestKeyOfAnotherServer(t *testing.T) {
	t.Parallel()
	server, _ := stamped(t)
	other := atumtest.New("somebody else", expires, at(now))
	other.URL = server.URL
	wantError(t, verifier().Verify(t.Context(), server.URL, other.Stamp(now, digest("value")), digest("value")), "does not trust the key")
}

func TestServerURLInStampIsIgnored(t *testing.T) {
	t.Parallel()
	server, stamp := stamped(t)
	stamp.ServerURL = "https://elsewhere.example/"
	if err := verifier().Verify(t.Context(), server.URL, stamp, digest("value")); err != nil {
		t.Error(err)
	}
}

func TestServerFailures(t *testing.T) {
	t.Parallel()
	stamp := atumtest.New("key", expires, at(now)).Stamp(now, digest("value"))
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	yes := `{"Trusted":true,"Expires":"2030-01-01T00:00:00Z"}`
	tests := map[string]struct{ url, want string }{
		"dead":              {dead.URL, "asking the timestamp server"},
		"no URL":            {"", "asking the timestamp server"},
		"malformed URL":     {"http://[", "asking the timestamp server"},
		"not found":         {static(t, 404, yes), "status 404"},
		"internal error":    {static(t, 500, yes), "status 500"},
		"accepted only":     {static(t, 202, yes), "status 202"},
		"empty":             {static(t, 200, ""), "reading the timestamp server's answer"},
		"not JSON":          {static(t, 200, "<html>"), "reading the timestamp server's answer"},
		"null":              {static(t, 200, "null"), "does not say whether the key is trusted"},
		"other object":      {static(t, 200, `{"Error":"lag"}`), "does not say whether the key is trusted"},
		"null members":      {static(t, 200, `{"Trusted":null,"Expires":null}`), "does not say whether the key is trusted"},
		"text":              {static(t, 200, `{"Trusted":"true","Expires":"2030-01-01T00:00:00Z"}`), "reading the timestamp server's answer"},
		"number":            {static(t, 200, `{"Trusted":true,"Expires":1893456000}`), "reading the timestamp server's answer"},
		"no expiry":         {static(t, 200, `{"Trusted":true}`), "does not say when the key expires"},
		"something after":   {static(t, 200, yes+yes), "reading the timestamp server's answer"},
		"endless":           {static(t, 200, `{"Trusted":true,"Expires":"2030-01-01T00:00:00Z"`+strings.Repeat(" ", 1<<20)+"}"), "longer than"},
		"redirected to bad": {handler(t, http.RedirectHandler(dead.URL, http.StatusFound).ServeHTTP), "asking the timestamp server"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, verifier().Verify(t.Context(), test.url, stamp, digest("value")), test.want)
		})
	}
	t.Run("fine", func(t *testing.T) {
		t.Parallel()
		if err := verifier().Verify(t.Context(), static(t, 200, yes), stamp, digest("value")); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelledCaller(t *testing.T) {
	t.Parallel()
	server, stamp := stamped(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantError(t, verifier().Verify(ctx, server.URL, stamp, digest("value")), "canceled")
}

// The arguments stay as they are, so that signatures can be shared.
func TestArgumentsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	server, stamp := stamped(t)
	before, err := json.Marshal(stamp)
	if err != nil {
		t.Fatal(err)
	}
	value := digest("value")
	if err := verifier().Verify(t.Context(), server.URL, stamp, value); err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(stamp)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) || string(value) != string(digest("value")) {
		t.Error("arguments were changed")
	}
	if len(stamp.Sig.PublicKey) != ed25519.PublicKeySize {
		t.Error("the key was changed")
	}
}
