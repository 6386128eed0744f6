package wallet

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/irma"
)

// messageNonce returns the nonce that binds a proof to a message as well as to
// the server's nonce, and to a timestamp if there is one (spec 12 §10.1).
func messageNonce(nonce *irma.Int, message string, timestamp []byte) (*irma.Int, error) {
	digest := sha256.Sum256([]byte(message))
	der, err := asn1.Marshal(struct {
		Nonce     *big.Int
		Digest    *big.Int
		Timestamp []byte `asn1:"optional"`
	}{nonce.Big(), new(big.Int).SetBytes(digest[:]), timestamp})
	if err != nil {
		return nil, fmt.Errorf("encoding signature nonce: %w", err)
	}
	bound := sha256.Sum256(der)
	return (*irma.Int)(new(big.Int).SetBytes(bound[:])), nil
}
