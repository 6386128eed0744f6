// Package keysharetest is a keyshare server for tests, and for the wallet that
// tests use: without users, PINs and network it holds the other part of one
// wallet's secret key, and does what the keyshare protocol asks of a server (spec
// 12 §9).
package keysharetest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// Server holds its part of a secret key, and a key to sign statements with,
// which is number 0 of its scheme.
type Server struct {
	Key    *rsa.PrivateKey
	secret *big.Int
}

// NewServer returns a server with keys of its own.
func NewServer() (*Server, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("making the key of a keyshare server: %w", err)
	}
	secret, err := gabi.NewKeyshareSecret()
	if err != nil {
		return nil, fmt.Errorf("making the secret of a keyshare server: %w", err)
	}
	return &Server{Key: key, secret: secret}, nil
}

// PEM returns the public key as in the file kss-0.pem of a scheme.
func (s *Server) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&s.Key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encoding the key of a keyshare server: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Part is what the server contributes to the proofs of one session.
type Part struct {
	secret, randomizer *big.Int
	commitments        []*gabi.ProofPCommitment
}

// Commit begins a session with proofs under these keys.
func (s *Server) Commit(keys ...*gabikeys.PublicKey) (*Part, error) {
	randomizer, commitments, err := gabi.NewKeyshareCommitments(s.secret, keys)
	if err != nil {
		return nil, fmt.Errorf("committing to a keyshare secret: %w", err)
	}
	return &Part{s.secret, randomizer, commitments}, nil
}

// Commitment returns the commitment under key number i. Its P is R_0 to the
// power of the server's secret.
func (p *Part) Commitment(i int) *gabi.ProofPCommitment { return p.commitments[i] }

// Respond completes the proof for this challenge. Its P is that of the key. It
// must be called once: two responses give the secret away.
func (p *Part) Respond(challenge *big.Int, key *gabikeys.PublicKey) *gabi.ProofP {
	return gabi.KeyshareResponseLegacy(p.secret, p.randomizer, challenge, key)
}

// State returns the JWT that states a proof, for issuers.
func (s *Server) State(proof *gabi.ProofP, at time.Time) (string, error) {
	if proof == nil {
		return "", errors.New("no proof to state")
	}
	payload, err := json.Marshal(map[string]any{
		"iss": "keyshare_server", "sub": "ProofP", "iat": at.Unix(), "ProofP": proof,
	})
	if err != nil {
		return "", fmt.Errorf("encoding the statement of a keyshare server: %w", err)
	}
	return jwt.Sign(payload, s.Key)
}
