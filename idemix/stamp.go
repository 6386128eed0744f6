package idemix

import (
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/irma"
)

// Stamp is what the timestamp of a signature must prove: that the server
// stamped the value.
type Stamp struct {
	Server string // URL of the timestamp server that the schemes of the attributes name
	Value  []byte // 32 bytes
}

// stamp returns what the timestamp of the signature must be about (spec 12
// §10.3): by whom and what was signed, as the randomised signatures on the
// credentials, the message, and the disclosed attributes.
func (m *message) stamp(msg *irma.SignedMessage, shown []*presentation) (*Stamp, error) {
	server, err := m.timestampServer(shown)
	if err != nil {
		return nil, err
	}
	var value []byte
	if digest := sha256.Sum256([]byte(msg.Message)); msg.LDContext == "" {
		value, err = stampedDigest(shown, digest[:], (*presentation).stampedValues)
	} else {
		value, err = stampedDigest(shown, digest[:], (*presentation).stampedProduct)
	}
	if err != nil {
		return nil, err
	}
	return &Stamp{Server: server, Value: value}, nil
}

// stampedDigest returns the value to be stamped. Versions of signatures differ
// in how the attributes of a credential are written in it.
func stampedDigest[T any](shown []*presentation, message []byte, attributes func(*presentation) T) ([]byte, error) {
	content := struct {
		Signatures []*big.Int
		Message    []byte
		Attributes []T
	}{Message: message}
	for _, p := range shown {
		content.Signatures = append(content.Signatures, p.proof.A.Big())
		content.Attributes = append(content.Attributes, attributes(p))
	}
	return digestDER(content)
}

// digestDER returns the SHA-256 digest of the DER encoding of a struct.
func digestDER(content any) ([]byte, error) {
	der, err := asn1.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encoding for a digest: %w", err)
	}
	digest := sha256.Sum256(der)
	return digest[:], nil
}

// timestampServer returns the server that all schemes of the attributes name.
func (m *message) timestampServer(shown []*presentation) (string, error) {
	var server string
	for i, p := range shown {
		id := p.typ.ID.Scheme()
		s := m.set.Scheme(id)
		switch {
		case s == nil || s.TimestampServer == "":
			return "", fmt.Errorf("scheme %s has no timestamp server", id)
		case i > 0 && s.TimestampServer != server:
			return "", errors.New("the schemes have different timestamp servers")
		}
		server = s.TimestampServer
	}
	return server, nil
}

// stampedValues returns the attributes from index 0 on, hidden ones as zero. The
// list is as long as the credential was when it signed, even if its type has
// more attributes now.
func (p *presentation) stampedValues() []*big.Int {
	last := metadataIndex
	for _, values := range []map[int]*irma.Int{p.proof.ADisclosed, p.proof.AResponses} {
		for i := range values {
			last = max(last, i)
		}
	}
	out := make([]*big.Int, last+1)
	for i := range out {
		if value, ok := p.proof.ADisclosed[i]; ok {
			out[i] = value.Big()
		} else {
			out[i] = new(big.Int)
		}
	}
	return out
}

// stampedProduct returns ∏ R_i^{x_i} mod n, where x_i is what was signed for the
// i-th of stampedValues.
func (p *presentation) stampedProduct() *big.Int {
	n, product := modulus(p.key), big.NewInt(1)
	for i, x := range p.stampedValues() {
		factor := new(big.Int).Exp(p.key.R[i].Go(), p.exponent(x), n)
		product.Mod(product.Mul(product, factor), n)
	}
	return product
}

// exponent returns the number that was signed for an attribute value: its digest
// if it is too long (spec 11 §2.1).
func (p *presentation) exponent(value *big.Int) *big.Int {
	if value.BitLen() <= int(p.key.Params.Lm) {
		return value
	}
	digest := sha256.Sum256(value.Bytes())
	return new(big.Int).SetBytes(digest[:])
}
