package jwt

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// minRSABits is the shortest RSA key that the standard library works with.
const minRSABits = 1024

// errKey is how existing servers call every RSA key they cannot read.
var errKey = errors.New("invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key")

// ParseRSAPublicKey reads an RSA public key from PEM: a PUBLIC KEY, an RSA
// PUBLIC KEY, or an X.509 certificate, of which nothing but the key is looked
// at. Errors do not quote the text.
func ParseRSAPublicKey(text []byte) (*rsa.PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: there is no PEM block", errKey)
	}
	key, err := parsePublicBlock(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKey, err)
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: it is not an RSA key", errKey)
	}
	return public, CheckRSAPublicKey(public)
}

func parsePublicBlock(block *pem.Block) (any, error) {
	switch {
	case strings.Contains(block.Type, "PRIVATE KEY"):
		return nil, errors.New("this is a private key, expected the public key that belongs to it")
	case block.Type == "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case block.Type == "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case block.Type == "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, fmt.Errorf("expected a PEM block PUBLIC KEY or CERTIFICATE, found %.40q", block.Type)
}

// CheckRSAPublicKey checks that signatures can be verified with the key.
func CheckRSAPublicKey(key *rsa.PublicKey) error {
	switch {
	case key == nil || key.N == nil || key.N.Sign() <= 0:
		return fmt.Errorf("%w: it has no modulus", errKey)
	case key.N.BitLen() < minRSABits:
		return fmt.Errorf("%w: it has %d bits, at least %d are needed", errKey, key.N.BitLen(), minRSABits)
	case key.N.Bit(0) == 0 || key.E < 3 || key.E%2 == 0 || key.E > 1<<31-1:
		return fmt.Errorf("%w: its modulus and exponent must be odd, and the exponent between 3 and 2147483647", errKey)
	}
	return nil
}

// ParseRSAPrivateKey reads an RSA private key from PEM, in PKCS#1 or PKCS#8
// form and without passphrase. Errors do not quote the text.
func ParseRSAPrivateKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: there is no PEM block", errKey)
	}
	key, err := parsePrivateBlock(block)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errKey, err)
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: it is not an RSA key", errKey)
	}
	return private, CheckRSAPublicKey(&private.PublicKey)
}

func parsePrivateBlock(block *pem.Block) (any, error) {
	switch block.Type {
	case "RSA PRIVATE KEY":
		if block.Headers["DEK-Info"] != "" {
			return nil, errors.New("it is protected by a passphrase")
		}
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return nil, errors.New("it is protected by a passphrase")
	}
	return nil, fmt.Errorf("expected a PEM block RSA PRIVATE KEY or PRIVATE KEY, found %.40q", block.Type)
}
