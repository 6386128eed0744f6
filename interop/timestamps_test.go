package interop_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bwesterb/go-atum"
)

// timestamps is a server that signs timestamps and answers questions about its
// key, like the one that schemes name.
type timestamps struct {
	server  *httptest.Server
	key     ed25519.PrivateKey
	trusted bool             // whether it says that its key is its own
	clock   func() time.Time // what it signs
	instead http.HandlerFunc // answers requests for stamps, if set
}

func newTimestamps() *timestamps {
	ts := &timestamps{
		key:     ed25519.NewKeyFromSeed([]byte("timestamps of the interop tests.")),
		trusted: true,
		clock:   time.Now,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", ts.stamp)
	mux.HandleFunc("GET /checkPublicKey", ts.check)
	ts.server = httptest.NewServer(mux)
	return ts
}

// anotherTimestamps is a timestamp server of one test.
func anotherTimestamps(t *testing.T) *timestamps {
	ts := newTimestamps()
	t.Cleanup(ts.server.Close)
	return ts
}

func (ts *timestamps) url() string { return ts.server.URL + "/" }

func (ts *timestamps) stamp(w http.ResponseWriter, r *http.Request) {
	if ts.instead != nil {
		ts.instead(w, r)
		return
	}
	var request atum.Request
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	now := ts.clock().Unix()
	reply(w, atum.Response{Stamp: &atum.Timestamp{
		Time:      now,
		ServerUrl: ts.url(),
		Sig: atum.Signature{
			Alg:       atum.Ed25519,
			Data:      ed25519.Sign(ts.key, atum.EncodeTimeNonce(now, request.Nonce)),
			PublicKey: ts.key.Public().(ed25519.PublicKey),
		},
	}})
}

func (ts *timestamps) check(w http.ResponseWriter, r *http.Request) {
	asked, err := hex.DecodeString(r.FormValue("pk"))
	known := err == nil && ts.key.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(asked))
	reply(w, atum.PublicKeyCheckResponse{
		Trusted: ts.trusted && known && r.FormValue("alg") == string(atum.Ed25519),
		Expires: time.Now().Add(time.Hour),
	})
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the other side notices
}

// uncached makes the wallet ask timestamp servers every time, instead of
// remembering answers in the home directory of whoever runs the tests.
type uncached struct{}

func (uncached) StorePublicKey(string, atum.SignatureAlgorithm, []byte, time.Time) {}
func (uncached) GetPublicKey(string, atum.SignatureAlgorithm, []byte) *time.Time   { return nil }
func (uncached) StoreServerInfo(string, atum.ServerInfo)                           {}
func (uncached) GetServerInfo(string) *atum.ServerInfo                             { return nil }
