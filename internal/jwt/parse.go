package jwt

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	maxToken  = 10 << 20 // bytes of a token; attributes to issue can be long
	maxHeader = 8 << 10  // bytes of its first part
)

// ErrKeyID says that the header has a kid that is not a string.
var ErrKeyID = errors.New("kid is not a string")

// Unverified is a token of which nothing is known but its form. It shares memory
// with the text it was parsed from.
type Unverified struct {
	// Algorithm is how the token claims to be signed. Verify compares it with
	// that of the key.
	Algorithm string

	// KeyID is the kid of the header. HasKeyID tells an empty one from none.
	KeyID    string
	HasKeyID bool

	payload   []byte
	signed    []byte // what the signature is about
	signature []byte
}

// Parse reads a token in compact form: three parts in base64 of the URL alphabet
// without padding, separated by dots. White space around it is tolerated.
//
// The error is ErrKeyID when that is all that is wrong. The token is then
// returned as well, as one without a key id, for callers who have a key for
// those.
func Parse(text []byte) (*Unverified, error) {
	text = bytes.TrimSpace(text)
	if len(text) > maxToken {
		return nil, fmt.Errorf("the JWT is longer than %d bytes", maxToken)
	}
	parts := bytes.SplitN(text, []byte{'.'}, 4)
	if len(parts) != 3 {
		return nil, errors.New("a JWT has three parts separated by dots")
	}
	if len(parts[0]) > maxHeader {
		return nil, fmt.Errorf("the header of the JWT is longer than %d bytes", maxHeader)
	}
	out := &Unverified{signed: text[:len(parts[0])+1+len(parts[1])]}
	unnamed := out.readHeader(parts[0])
	if unnamed != nil && !errors.Is(unnamed, ErrKeyID) {
		return nil, unnamed
	}
	var err error
	if out.payload, err = decodePart("payload", parts[1]); err != nil {
		return nil, err
	}
	if out.signature, err = decodePart("signature", parts[2]); err != nil {
		return nil, err
	}
	return out, unnamed
}

func (t *Unverified) readHeader(part []byte) error {
	data, err := decodePart("header", part)
	if err != nil {
		return err
	}
	var h struct {
		Algorithm string          `json:"alg"`
		KeyID     json.RawMessage `json:"kid"`
		Critical  json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return errors.New("the header of the JWT is not a JSON object with an alg")
	}
	if h.Critical != nil {
		return errors.New("the header of the JWT has a crit, of which no extension is known here")
	}
	t.Algorithm, t.HasKeyID = h.Algorithm, h.KeyID != nil
	if t.HasKeyID && (h.KeyID[0] != '"' || json.Unmarshal(h.KeyID, &t.KeyID) != nil) {
		t.KeyID, t.HasKeyID = "", false
		return ErrKeyID
	}
	return nil
}

// encoding accepts one spelling of every value: no line breaks, see decodePart,
// and no bits that are not used.
var encoding = base64.RawURLEncoding.Strict()

func decodePart(name string, part []byte) ([]byte, error) {
	out := make([]byte, encoding.DecodedLen(len(part)))
	n, err := encoding.Decode(out, part)
	if err != nil || bytes.ContainsAny(part, "\r\n") {
		return nil, fmt.Errorf("the %s of the JWT is not base64 of the URL alphabet without padding", name)
	}
	return out[:n], nil
}
