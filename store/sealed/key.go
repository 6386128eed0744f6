package sealed

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// keySize is the length of a key in bytes.
const keySize = 32

// Key is a secret of 256 random bits. The zero value is none. Printing a key
// shows nothing of it.
type Key struct {
	secret *[keySize]byte
}

// ParseKey reads a key as `openssl rand -base64 32` writes it: 32 bytes in base64,
// of either alphabet, padded or not.
func ParseKey(text string) (Key, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	secret, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return Key{}, errors.New("store/sealed: a key is not in base64") // nothing of it is quoted
	}
	return NewKey(secret)
}

// NewKey returns the key with these 32 bytes, which are copied.
func NewKey(secret []byte) (Key, error) {
	if len(secret) != keySize {
		return Key{}, fmt.Errorf("store/sealed: a key has %d bytes, want %d", len(secret), keySize)
	}
	return Key{(*[keySize]byte)(append([]byte(nil), secret...))}, nil
}

// String returns what a key is called in logs; it tells nothing about it.
func (k Key) String() string { return "store key" }

// Format implements fmt.Formatter, for all verbs alike.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }
