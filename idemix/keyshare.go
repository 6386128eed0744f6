package idemix

import (
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// group labels the schemes among which a wallet has one secret key: each scheme
// with a keyshare server by itself, all others together.
func (m *message) group(id irma.SchemeID) irma.SchemeID {
	if s := m.set.Scheme(id); s != nil && !s.Distributed() {
		return ""
	}
	return id
}

// checkKeyshare refuses issuance in schemes with a keyshare server. There the
// wallet's proofs hold only its own part of the secret key; without the
// server's part they are not about the key that the credential would be bound
// to.
func (m *message) checkKeyshare(shown []*presentation, commitments []*commitment) error {
	if len(m.credentials) == 0 {
		return nil
	}
	types := make([]*scheme.CredentialType, 0, len(m.proofs))
	for _, p := range shown {
		types = append(types, p.typ)
	}
	for _, c := range commitments {
		types = append(types, c.typ)
	}
	for _, typ := range types {
		if label := m.group(typ.ID.Scheme()); label != "" {
			return m.keyshareMissing(label)
		}
	}
	return nil
}

func (m *message) keyshareMissing(id irma.SchemeID) error {
	if _, ok := m.jwts[string(id)]; !ok {
		return irma.ErrKeyshareProofMissing.Withf("no keyshare proof included for scheme %s", id)
	}
	return irma.ErrKeyshareProofMissing.Withf(
		"issuance in scheme %s, which has a keyshare server, is not supported by this server", id)
}
