package config

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/irmad/irmaserver/internal/jwt"
)

// minKeyBits is what signatures need to be trusted; shorter keys work, with a
// warning.
const minKeyBits = 2048

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
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("failed to stat key: %w", missingFile(path))
	case err != nil:
		return nil, fmt.Errorf("failed to stat key: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("cannot read key from a directory: %s", path)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("cannot read key from nonregular file: %s", path)
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("reading key: %w: the user that irmad runs as needs the permission to read it", err)
	case err != nil:
		return nil, fmt.Errorf("reading key: %w", err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("empty key provided: %s", path)
	}
	return data, nil
}

// missingFile says where a file was looked for.
func missingFile(path string) error {
	if dir, err := os.Getwd(); err == nil && !filepath.IsAbs(path) {
		return fmt.Errorf("there is no %s in %s, where irmad was started: write the whole path, or make the file", path, dir)
	}
	return fmt.Errorf("there is no %s: correct the path, or make the file", path)
}

// JWTKey returns the key that signs results, nil if none is configured, and
// what is to be said about it.
func (s *Settings) JWTKey() (key *rsa.PrivateKey, warnings []string, err error) {
	if s.JWTPrivkey == "" && s.JWTPrivkeyFile == "" {
		return nil, nil, nil
	}
	text, err := readKey(s.JWTPrivkey, s.JWTPrivkeyFile)
	if err == nil {
		key, err = jwt.ParseRSAPrivateKey(text)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("jwt_privkey: failed to read private key: %w", err)
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		warnings = append(warnings, fmt.Sprintf("jwt_privkey has %d bits; one with at least %d is safer", bits, minKeyBits))
	}
	return key, warnings, nil
}
