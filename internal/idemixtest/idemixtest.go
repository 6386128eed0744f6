// Package idemixtest makes attribute-based signatures in any way that tests need
// them. It makes them step by step from the protocol's formulas (spec 12 §10),
// apart from package idemix, which verifies them.
package idemixtest

import (
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	stdbig "math/big"
	"slices"
	"testing"
	"time"

	"github.com/privacybydesign/gabi"
	"github.com/privacybydesign/gabi/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Credential is a credential with a secret key of its own.
type Credential struct {
	typ    *scheme.CredentialType
	idemix *gabi.Credential
}

// Issue makes a credential with the newest private key of its issuer in set.
// Attributes that are not in values are absent.
func Issue(tb testing.TB, set *scheme.Set, id irma.CredentialTypeID, values map[string]string, signed, expiry time.Time) *Credential {
	tb.Helper()
	typ := set.CredentialType(id)
	if typ == nil {
		tb.Fatalf("idemixtest: unknown credential type %s", id)
	}
	counter := must(set.LatestPrivateKey(id.Issuer()))(tb)
	private := must(set.PrivateKey(id.Issuer(), counter))(tb)
	public := must(set.PublicKey(id.Issuer(), counter))(tb)
	metadata := must(irma.NewMetadata(id, counter, signed, expiry))(tb)
	attributes := []*big.Int{must(gabi.GenerateSecretAttribute())(tb), toGabi(metadata.Int())}
	for _, attr := range typ.Attributes {
		var value *string
		if text, ok := values[attr.ID]; ok {
			value = &text
		}
		attributes = append(attributes, toGabi(irma.EncodeAttribute(value)))
	}
	signature := must(gabi.SignMessageBlock(private, public, attributes))(tb)
	return &Credential{typ: typ, idemix: &gabi.Credential{Signature: signature, Pk: public, Attributes: attributes}}
}

// Stamper gives a timestamp on 32 bytes.
type Stamper func(value []byte) *irma.AtumTimestamp

// Sign signs the message of a request, with its nonce and context, disclosing
// one attribute of the credential. Without a Stamper the signature has no
// timestamp.
func (c *Credential) Sign(tb testing.TB, req *irma.SessionRequest, attribute string, stamp Stamper) *irma.SignedMessage {
	tb.Helper()
	position, known := c.typ.AttributePosition(attribute)
	if !known {
		tb.Fatalf("idemixtest: %s has no attribute %q", c.typ.ID, attribute)
	}
	position += 2 // after the secret key and the metadata
	builder := must(c.idemix.CreateDisclosureProofBuilder([]int{1, position}, nil, false))(tb)
	out := &irma.SignedMessage{
		LDContext: irma.ContextSignature,
		Indices:   irma.DisclosedIndices{{{Credential: 0, Attribute: position}}},
		Nonce:     req.Nonce,
		Context:   req.Context,
		Message:   req.Message,
	}
	if stamp != nil {
		out.Timestamp = stamp(stampedValue(tb, builder, req.Message))
	}
	proofs := must(gabi.ProofBuilderList{builder}.BuildProofList(toGabi(req.Context), nonce(tb, out), true))(tb)
	if err := json.Unmarshal(must(json.Marshal(proofs))(tb), &out.Signature); err != nil {
		tb.Fatal(err)
	}
	return out
}

// nonce is what the proofs of a signature answer (spec 12 §10.1).
func nonce(tb testing.TB, msg *irma.SignedMessage) *big.Int {
	tb.Helper()
	digest := sha256.Sum256([]byte(msg.Message))
	parts := []asn1.RawValue{der(tb, msg.Nonce.Big()), der(tb, new(stdbig.Int).SetBytes(digest[:]))}
	if msg.Timestamp != nil {
		parts = append(parts, der(tb, msg.Timestamp.Sig.Data))
	}
	return new(big.Int).SetBytes(digestDER(tb, parts))
}

// stampedValue is what a wallet has stamped before it can make its proof (spec
// 12 §10.3).
func stampedValue(tb testing.TB, builder *gabi.DisclosureProofBuilder, message string) []byte {
	tb.Helper()
	signature, disclosed := builder.TimestampRequestContributions()
	product := must(gabi.RepresentToPublicKey(builder.PublicKey(), disclosed))(tb)
	digest := sha256.Sum256([]byte(message))
	return digestDER(tb, []asn1.RawValue{
		der(tb, []*stdbig.Int{signature.Go()}),
		der(tb, digest[:]),
		der(tb, []*stdbig.Int{product.Go()}),
	})
}

func digestDER(tb testing.TB, parts []asn1.RawValue) []byte {
	tb.Helper()
	digest := sha256.Sum256(must(asn1.Marshal(parts))(tb))
	return slices.Clone(digest[:])
}

func der(tb testing.TB, value any) asn1.RawValue {
	tb.Helper()
	return asn1.RawValue{FullBytes: must(asn1.Marshal(value))(tb)}
}

func toGabi(i *irma.Int) *big.Int { return big.Convert(new(stdbig.Int).Set(i.Big())) }

// must returns what gives the value, or fails the test.
func must[T any](value T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatalf("idemixtest: %v", err)
		}
		return value
	}
}
