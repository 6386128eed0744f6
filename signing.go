package irmaserver

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/irmad/irmaserver/internal/fair"
	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// SetJWTKey replaces Config.JWTKey while the server runs: results signed from
// then on, and PublicKeyPEM, are of the new key. Results posted again are signed
// again. Whoever verifies results must have both public keys for as long as JWTs
// of the old key are valid, two minutes unless their requests say otherwise.
//
// Whether results are signed at all is decided by New: a nil key is refused, and
// so is any key if Config.JWTKey was nil. SetJWTKey may be called at any time.
func (s *Server) SetJWTKey(key *rsa.PrivateKey) error {
	switch {
	case !s.signs():
		return errors.New("irmaserver: replacing the JWT key: there is none, Config.JWTKey was nil")
	case key == nil:
		return errors.New("irmaserver: replacing the JWT key: the new key is nil")
	}
	if err := jwt.CheckRSAPublicKey(&key.PublicKey); err != nil {
		return fmt.Errorf("irmaserver: replacing the JWT key: %w", err)
	}
	s.jwtKey.Store(key)
	return nil
}

// signs reports whether results are signed, which never changes.
func (s *Server) signs() bool { return s.cfg.JWTKey != nil }

// PublicKeyPEM returns the public key with which signed results are verified,
// as PEM. Without a key it gives irma.ErrUnsupported.
func (s *Server) PublicKeyPEM() ([]byte, error) {
	if !s.signs() {
		return nil, irma.ErrUnsupported.With("this server does not sign results: no JWT private key is installed")
	}
	der, err := x509.MarshalPKIXPublicKey(&s.jwtKey.Load().PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encoding public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// sign makes a JWT when it is its turn. A requestor's results have turns of their own,
// besides those of its proofs, so they do not wait behind these.
func (s *Server) sign(ctx context.Context, requestor string, payload []byte) (token string, err error) {
	waiting := s.crypto.Do(ctx, fair.Job{Owner: "results of " + requestor, Kind: "JWT"}, func() {
		token, err = jwt.Sign(payload, s.jwtKey.Load())
	})
	if waiting != nil {
		out := irma.ErrUnavailable.With("the server has more results to sign than it can in time")
		var busy *fair.BusyError
		if errors.As(waiting, &busy) {
			out.Retry = busy.Wait
		}
		return "", out
	}
	return token, err
}

// loadSigned loads a session whose result is to be signed.
func (s *Server) loadSigned(ctx context.Context, token irma.RequestorToken) (*record, *storedRequest, error) {
	if !s.signs() {
		return nil, nil, irma.ErrException.With("JWT signing not supported: no JWT private key is installed")
	}
	rec, err := s.load(ctx, clientToken(token))
	if err != nil {
		return nil, nil, err
	}
	stored, err := rec.stored()
	return rec, stored, err
}
