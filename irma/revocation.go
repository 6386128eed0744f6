package irma

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// SignedAccumulator is a revocation accumulator with its issuer's signature.
type SignedAccumulator struct {
	Data      []byte `json:"data"`
	PKCounter uint   `json:"pk"`
}

// RevocationUpdate brings a wallet's witness up to date with an accumulator.
type RevocationUpdate struct {
	Accumulator *SignedAccumulator `json:"sacc"`
	Events      *RevocationEvents  `json:"e,omitempty"`
}

// RevocationEvents are successive revocations, up to that of the accumulator.
type RevocationEvents struct {
	Index      uint64         `json:"i"`    // of the first event
	ParentHash RevocationHash `json:"hash"` // of the event before the first
	Primes     []*Int         `json:"e"`    // one per event
}

// RevocationHash is a multihash, written in JSON as padded base64 of the URL
// alphabet.
type RevocationHash []byte

// MarshalJSON implements json.Marshaler.
func (h RevocationHash) MarshalJSON() ([]byte, error) {
	return json.Marshal(base64.URLEncoding.EncodeToString(h))
}

// UnmarshalJSON implements json.Unmarshaler.
func (h *RevocationHash) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return errHash
	}
	raw, err := base64.URLEncoding.DecodeString(text)
	if err != nil {
		return errHash
	}
	*h = raw
	return nil
}

var errHash = errors.New("expected a hash in URL-safe base64")

// Witness lets a wallet prove that a new credential is not revoked.
type Witness struct {
	U           *Int               `json:"u"`
	E           *Int               `json:"e"`
	Accumulator *SignedAccumulator `json:"sacc"`
	Updated     time.Time          `json:"Updated"` // zero from a server; wallets ignore it
}
