package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

// minKeyBits is what signatures need to be trusted; shorter keys work, with a
// warning, as long as they have weakestKeyBits.
const (
	minKeyBits     = 2048
	weakestKeyBits = 1024
)

// readKey returns a key that is given as text or as the name of a file (spec 06
// §2.5).
func readKey(text, path string) ([]byte, error) {
	if (text == "") == (path == "") {
		return nil, errors.New("provide either key or path to key")
	}
	if text != "" {
		return []byte(text), nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("failed to stat key: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("cannot read key from a directory: %s", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("cannot read key from nonregular file: %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading key: %w", err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("empty key provided: %s", path)
	}
	return data, nil
}

// jwtKey returns the key that signs results, nil if none is configured, and
// what is to be said about it.
func (s *settings) jwtKey() (key *rsa.PrivateKey, warnings []string, err error) {
	if s.JWTPrivkey == "" && s.JWTPrivkeyFile == "" {
		return nil, nil, nil
	}
	text, err := readKey(s.JWTPrivkey, s.JWTPrivkeyFile)
	if err == nil {
		key, err = parseRSAKey(text)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("jwt_privkey: failed to read private key: %w", err)
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		warnings = append(warnings, fmt.Sprintf("jwt_privkey has %d bits; one with at least %d is safer", bits, minKeyBits))
	}
	return key, warnings, nil
}

// parseRSAKey reads a private key from PEM. Its errors do not quote the text.
func parseRSAKey(text []byte) (*rsa.PrivateKey, error) {
	invalid := errors.New("invalid key: Key must be a PEM encoded PKCS1 or PKCS8 key")
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, invalid
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, invalid
		}
		var isRSA bool
		if key, isRSA = parsed.(*rsa.PrivateKey); !isRSA {
			return nil, fmt.Errorf("invalid key: it is a %T, not an RSA key", parsed)
		}
	}
	if bits := key.N.BitLen(); bits < weakestKeyBits {
		return nil, fmt.Errorf("invalid key: it has %d bits, at least %d are needed", bits, weakestKeyBits)
	}
	return key, nil
}
