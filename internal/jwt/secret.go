package jwt

import (
	"bytes"
	"encoding/base64"
	"errors"
)

// DecodeSecret reads the secret of an HMAC key from base64 in any of its four
// dialects: either alphabet, with or without padding. Line breaks and white
// space around it are ignored. Errors do not quote the text.
func DecodeSecret(text []byte) ([]byte, error) {
	text = bytes.TrimSpace(text)
	for _, dialect := range []*base64.Encoding{
		base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding, base64.StdEncoding,
	} {
		secret := make([]byte, dialect.DecodedLen(len(text)))
		if n, err := dialect.Decode(secret, text); err == nil {
			return secret[:n], nil
		}
	}
	return nil, errors.New("not base64, neither of the standard nor of the URL alphabet")
}
