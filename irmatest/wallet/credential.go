package wallet

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"
	"github.com/privacybydesign/gabi/gabikeys"
)

// Positions inside a credential (spec 11 §1): 0 holds the secret key.
const (
	metadataIndex  = 1
	firstAttribute = 2
)

// Credential describes a credential in a wallet.
type Credential struct {
	ID         string // identifies this instance; hex
	Type       irma.CredentialTypeID
	Attributes map[string]*string // by attribute name; nil for one that is absent
	Issued     irma.Timestamp     // start of the week of issuance
	Expires    irma.Timestamp
	KeyCounter uint
}

// issuerKey is a credential type with one of its issuer's public keys.
type issuerKey struct {
	typ *scheme.CredentialType
	pk  *gabikeys.PublicKey
}

// credential is a credential as the wallet uses it. It is never changed.
type credential struct {
	issuerKey
	signature  *gabi.CLSignature
	attributes []*big.Int // from the metadata attribute on, so position i is at i-1
	metadata   irma.Metadata
}

// value returns the decoded attribute at this index. The metadata attribute
// stands for the credential itself.
func (c *credential) value(index int) *string {
	if index == metadataIndex {
		present := "present"
		return &present
	}
	raw := irmaInt(c.attributes[index-1])
	if c.typ.Attributes[index-firstAttribute].Randomblind {
		text := irma.DecodeRandomblind(raw)
		return &text
	}
	return irma.DecodeAttribute(raw, c.metadata.Version)
}

// view returns the description of the credential.
func (c *credential) view() Credential {
	values := make(map[string]*string, len(c.typ.Attributes))
	for i, attr := range c.typ.Attributes {
		if !attr.Revocation {
			values[attr.ID] = c.value(i + firstAttribute)
		}
	}
	return Credential{
		ID:         c.id(),
		Type:       c.typ.ID,
		Attributes: values,
		Issued:     c.metadata.SigningDate,
		Expires:    c.metadata.Expiry(),
		KeyCounter: uint(c.metadata.KeyCounter),
	}
}

// id is the digest of all integers but the secret key (spec 11 §7).
func (c *credential) id() string {
	digest := sha256.New()
	for _, attr := range c.attributes {
		digest.Write(attr.Bytes())
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// expired reports whether a verifier would call the credential expired.
func (c *credential) expired(now irma.Timestamp) bool { return c.metadata.Expiry() < now }

// idemix returns the credential in the form in which proofs are made of it.
func (c *credential) idemix(secret *big.Int) *gabi.Credential {
	return &gabi.Credential{
		Signature:  c.signature,
		Pk:         c.pk,
		Attributes: append([]*big.Int{secret}, c.attributes...),
	}
}
