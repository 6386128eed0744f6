// Package atumtest is an atum timestamp server for tests (spec 12 §10.3).
package atumtest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Server signs timestamps with one Ed25519 key and answers questions about keys.
// It is an http.Handler and safe for concurrent use.
type Server struct {
	URL string // set by NewServer; ends in a slash, like those of schemes

	key ed25519.PrivateKey
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	trusted bool
	expires time.Time
	lookups int
}

// New returns a server that calls its key its own until expires. The key is
// always the same for one name. Now tells the time of stamps that are asked for
// over HTTP.
func New(name string, expires time.Time, now func() time.Time) *Server {
	seed := sha256.Sum256([]byte(name))
	return &Server{key: ed25519.NewKeyFromSeed(seed[:]), now: now, trusted: true, expires: expires}
}

// NewServer is New with a server on a free port, which stops with the test.
func NewServer(tb testing.TB, expires time.Time, now func() time.Time) *Server {
	tb.Helper()
	s := New(tb.Name(), expires, now)
	listening := httptest.NewServer(s)
	tb.Cleanup(listening.Close)
	s.URL = listening.URL + "/atumd/"
	return s
}

// Stamp signs a value as of a moment.
func (s *Server) Stamp(at time.Time, value []byte) *irma.AtumTimestamp {
	signed := append(binary.BigEndian.AppendUint64(nil, uint64(at.Unix())), value...)
	public, _ := s.key.Public().(ed25519.PublicKey)
	return &irma.AtumTimestamp{
		Time:      at.Unix(),
		ServerURL: s.URL,
		Sig:       irma.AtumSignature{Alg: "ed25519", Data: ed25519.Sign(s.key, signed), PublicKey: public},
	}
}

// Trust changes what the server says about its key from now on.
func (s *Server) Trust(trusted bool, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trusted, s.expires = trusted, expires
}

// Lookups returns how often the server was asked about a key.
func (s *Server) Lookups() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookups
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "POST /atumd/":
		s.stamp(w, r)
	case "GET /atumd/checkPublicKey":
		s.check(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) stamp(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Nonce           []byte
		PreferredSigAlg string
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.PreferredSigAlg != "ed25519" {
		http.Error(w, "malformed request", http.StatusBadRequest)
		return
	}
	reply(w, map[string]any{"Stamp": s.Stamp(s.now(), req.Nonce)})
}

func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	public, _ := s.key.Public().(ed25519.PublicKey)
	own := r.FormValue("alg") == "ed25519" && r.FormValue("pk") == hex.EncodeToString(public)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookups++
	reply(w, map[string]any{"Trusted": own && s.trusted, "Expires": s.expires})
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
}
