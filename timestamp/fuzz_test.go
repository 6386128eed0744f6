package timestamp_test

import (
	"encoding/json"
	"testing"

	"github.com/irmad/irmaserver/internal/atumtest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/timestamp"
)

// FuzzParseAnswer checks that what is understood as trust says so when it is
// encoded again.
func FuzzParseAnswer(f *testing.F) {
	f.Add([]byte(`{"Trusted":true,"Expires":"2030-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"Trusted":false,"Expires":"0001-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"Trusted":true,"Expires":"2030-01-01T00:00:00.123456789+01:00"}`))
	f.Add([]byte(`{"trusted":true,"Trusted":null}`))
	f.Add([]byte(`[true]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		trusted, expires, err := timestamp.ParseAnswer(body)
		if err != nil {
			return
		}
		if !trusted && !expires.IsZero() {
			t.Errorf("refused, but until %s", expires)
		}
		again, err := json.Marshal(map[string]any{"Trusted": trusted, "Expires": expires})
		if err != nil {
			t.Fatal(err)
		}
		sameTrusted, sameExpires, err := timestamp.ParseAnswer(again)
		if err != nil || sameTrusted != trusted || !sameExpires.Equal(expires) {
			t.Errorf("%s reads as %t, %s, %v; want %t, %s", again, sameTrusted, sameExpires, err, trusted, expires)
		}
	})
}

// FuzzStamp checks that no other timestamp verifies than the one that was made.
func FuzzStamp(f *testing.F) {
	server := atumtest.New("key", expires, at(now))
	honest := server.Stamp(now, digest("value"))
	v := timestamp.NewVerifier(timestamp.Config{Now: at(now), HTTPClient: inProcess(server.ServeHTTP).client()})
	f.Add(honest.Time, honest.Sig.Alg, honest.Sig.Data, honest.Sig.PublicKey, digest("value"))
	f.Add(honest.Time+1, honest.Sig.Alg, honest.Sig.Data, honest.Sig.PublicKey, digest("value"))
	f.Add(int64(-1), "xmssmt", []byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, at int64, alg string, data, key, value []byte) {
		stamp := &irma.AtumTimestamp{Time: at, Sig: irma.AtumSignature{Alg: alg, Data: data, PublicKey: key}}
		err := v.Verify(t.Context(), virtualURL, stamp, value)
		same := at == honest.Time && alg == honest.Sig.Alg && string(data) == string(honest.Sig.Data) &&
			string(key) == string(honest.Sig.PublicKey) && string(value) == string(digest("value"))
		if (err == nil) != same {
			t.Errorf("error %v", err)
		}
	})
}
