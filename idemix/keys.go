package idemix

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/privacybydesign/gabi/gabikeys"
)

// presentation is a ProofD with what its metadata attribute says about it.
type presentation struct {
	proof    *irma.ProofD
	metadata irma.Metadata
	typ      *scheme.CredentialType
	key      *gabikeys.PublicKey
}

// commitment is a ProofU with the credential it was made for.
type commitment struct {
	proof   *irma.ProofU
	inverse *big.Int // 1/U
	request irma.CredentialRequest
	typ     *scheme.CredentialType
	key     *gabikeys.PublicKey
}

// openD finds the credential type and the public key that the metadata
// attribute names, and checks the proof's shape against them.
func (m *message) openD(proof *irma.ProofD) (*presentation, error) {
	metadata, err := readMetadata(proof)
	if err != nil {
		return nil, err
	}
	typ := m.set.CredentialTypeByHash(metadata.TypeHash)
	if typ == nil {
		return nil, m.unknown("Unknown credential type")
	}
	key, err := m.publicKey(typ, uint(metadata.KeyCounter))
	if err != nil {
		return nil, err
	}
	p := &presentation{proof: proof, metadata: metadata, typ: typ, key: key}
	return p, p.checkShape()
}

// openU finds the type and key of the credential to be issued, and checks the
// proof's shape against them.
func (m *message) openU(proof *irma.ProofU, request irma.CredentialRequest) (*commitment, error) {
	typ := m.set.CredentialType(request.CredentialTypeID)
	if typ == nil {
		return nil, m.unknown("Unknown credential type " + string(request.CredentialTypeID))
	}
	key, err := m.publicKey(typ, request.KeyCounter)
	if err != nil {
		return nil, err
	}
	c := &commitment{proof: proof, request: request, typ: typ, key: key}
	return c, c.checkShape()
}

// ErrUnknown is in the chain of errors about a credential type, public key or key
// of a keyshare server that the schemes do not have. Newer schemes may have it.
var ErrUnknown = errors.New("not in the schemes")

func (m *message) unknown(description string) error {
	return fmt.Errorf("%w: %w", m.unknownKey.With(description), ErrUnknown)
}

// publicKey returns a key that scheme has checked: its numbers are there and
// invertible, and it has bases for the secret key and the metadata at least.
func (m *message) publicKey(typ *scheme.CredentialType, counter uint) (*gabikeys.PublicKey, error) {
	key, err := m.set.PublicKey(typ.ID.Issuer(), counter)
	if err != nil {
		return nil, m.unknown("Missing public key")
	}
	return key, nil
}

// modulus returns the key's n, which callers only read.
func modulus(key *gabikeys.PublicKey) *big.Int { return key.N.Go() }

// lastIndex is the highest index a proof about this type may use: that of the
// type's last attribute, if the key has a base for it. A key older than the
// type's newest attributes has fewer bases.
func lastIndex(typ *scheme.CredentialType, key *gabikeys.PublicKey) int {
	return min(len(typ.Attributes)+1, len(key.R)-1)
}
