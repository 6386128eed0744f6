package scheme

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Types of the PEM blocks of keys (spec 10 §3).
const (
	publicKeyBlock    = "PUBLIC KEY"
	privateKeyBlock   = "EC PRIVATE KEY"
	encryptedKeyBlock = "ENCRYPTED IRMA SCHEME PRIVATE KEY"
)

// GenerateKey returns a new key to sign a scheme with, on curve P-256.
func GenerateKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// MarshalKey returns the key as in a file sk.pem.
func MarshalKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the scheme key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateKeyBlock, Bytes: der}), nil
}

// ReadKey reads a key in the form of a file sk.pem. Keys protected by a
// passphrase are refused; decrypt them first.
func ReadKey(data []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(data)
	switch {
	case block == nil:
		return nil, errNoPEM
	case block.Type == encryptedKeyBlock:
		return nil, errors.New("the scheme key is protected by a passphrase")
	case block.Type != privateKeyBlock:
		return nil, fmt.Errorf("expected a PEM block %q, found %.40q", privateKeyBlock, block.Type)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the scheme key: %w", err)
	}
	return key, nil
}

// MarshalPublicKey returns the key as in a file pk.pem, by which others verify
// the scheme.
func MarshalPublicKey(key *ecdsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key of the scheme: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicKeyBlock, Bytes: der}), nil
}

var errNoPEM = errors.New("no PEM block found")

func readPKIX(data []byte) (any, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errNoPEM
	}
	if block.Type != publicKeyBlock {
		return nil, fmt.Errorf("expected a PEM block %q, found %.40q", publicKeyBlock, block.Type)
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

func readPublicKey(data []byte) (*ecdsa.PublicKey, error) {
	key, err := readPKIX(data)
	if err != nil {
		return nil, err
	}
	if key, ok := key.(*ecdsa.PublicKey); ok {
		return key, nil
	}
	return nil, errors.New("not an elliptic curve key")
}

func readKeyshareKey(data []byte) (*rsa.PublicKey, error) {
	key, err := readPKIX(data)
	if err != nil {
		return nil, fail(ParsingError, err)
	}
	if key, ok := key.(*rsa.PublicKey); ok {
		return key, nil
	}
	return nil, failf(ParsingError, "not an RSA key")
}
