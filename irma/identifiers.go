package irma

import (
	"crypto/sha256"
	"strings"
)

// SchemeID names a scheme, for example "pbdf". It contains no dot.
type SchemeID string

// IssuerID names an issuer within a scheme, for example "pbdf.sidn-pbdf".
type IssuerID string

// CredentialTypeID names a credential type, for example "pbdf.sidn-pbdf.email".
type CredentialTypeID string

// AttributeTypeID names an attribute of a credential type, for example
// "pbdf.sidn-pbdf.email.domain". In a disclosure it may instead hold the three
// parts of a credential type, which asks for possession of the credential.
type AttributeTypeID string

// Scheme returns the scheme of the issuer.
func (id IssuerID) Scheme() SchemeID { return SchemeID(firstParts(string(id), 1)) }

// Name returns the last part of the identifier.
func (id IssuerID) Name() string { return lastPart(string(id)) }

// Valid reports whether the identifier has two non-empty parts.
func (id IssuerID) Valid() bool { return validParts(string(id), 2) }

// Scheme returns the scheme of the credential type.
func (id CredentialTypeID) Scheme() SchemeID { return SchemeID(firstParts(string(id), 1)) }

// Issuer returns the issuer of the credential type.
func (id CredentialTypeID) Issuer() IssuerID { return IssuerID(firstParts(string(id), 2)) }

// Name returns the last part of the identifier.
func (id CredentialTypeID) Name() string { return lastPart(string(id)) }

// Valid reports whether the identifier has three non-empty parts.
func (id CredentialTypeID) Valid() bool { return validParts(string(id), 3) }

// Attribute returns the identifier of the attribute with this name.
func (id CredentialTypeID) Attribute(name string) AttributeTypeID {
	return AttributeTypeID(string(id) + "." + name)
}

// Hash returns the first 16 bytes of the SHA-256 digest of the identifier, by
// which the metadata attribute refers to the credential type.
func (id CredentialTypeID) Hash() [16]byte {
	digest := sha256.Sum256([]byte(id))
	return [16]byte(digest[:16])
}

// CredentialType returns the credential type of the attribute. For an
// identifier of three parts that is the identifier itself.
func (id AttributeTypeID) CredentialType() CredentialTypeID {
	return CredentialTypeID(firstParts(string(id), 3))
}

// Name returns the last part of the identifier.
func (id AttributeTypeID) Name() string { return lastPart(string(id)) }

// IsCredential reports whether the identifier has the three parts of a
// credential type.
func (id AttributeTypeID) IsCredential() bool { return strings.Count(string(id), ".") == 2 }

// Valid reports whether the identifier has three or four non-empty parts.
func (id AttributeTypeID) Valid() bool {
	return validParts(string(id), 4) || validParts(string(id), 3)
}

func partCount(id string) int { return strings.Count(id, ".") + 1 }

func validParts(id string, n int) bool {
	return partCount(id) == n && !strings.HasPrefix(id, ".") && !strings.HasSuffix(id, ".") &&
		!strings.Contains(id, "..")
}

// firstParts returns the first n dot-separated parts of id, or all of it when
// it has fewer.
func firstParts(id string, n int) string {
	end := 0
	for range n {
		dot := strings.IndexByte(id[end:], '.')
		if dot < 0 {
			return id
		}
		end += dot + 1
	}
	return id[:end-1]
}

func lastPart(id string) string { return id[strings.LastIndexByte(id, '.')+1:] }
