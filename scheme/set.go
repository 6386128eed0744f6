package scheme

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/gabikeys"
)

// ErrKeyNotFound says that an issuer is unknown or has no key with the counter
// asked for.
var ErrKeyNotFound = errors.New("key not found")

// Set is a collection of schemes with the keys of their issuers. It does
// not change after it was loaded and is safe for concurrent use. What its
// methods return is shared and must not be changed either.
//
// The zero Set is empty.
type Set struct {
	schemes     []*Scheme
	types       []*CredentialType
	schemeByID  map[irma.SchemeID]*Scheme
	issuerByID  map[irma.IssuerID]*Issuer
	issuerIDs   []irma.IssuerID
	typeByID    map[irma.CredentialTypeID]*CredentialType
	typeByHash  map[[16]byte]*CredentialType
	problemList []Problem

	requestorSchemes []*RequestorScheme
	requestorByHost  map[string]*Requestor // by name in lower case
}

// Current returns s: where a source of newer schemes is expected, such as in
// irmaserver.Config, a Set is one that never has any.
func (s *Set) Current() *Set { return s }

// Join returns a Set with all schemes and problems of the given ones. It fails
// if two of them hold a scheme with the same id.
func Join(sets ...*Set) (*Set, error) {
	out := newSet()
	for _, set := range sets {
		for _, s := range set.schemes {
			if out.Scheme(s.ID) != nil {
				return nil, fmt.Errorf("joining schemes: scheme %s occurs twice", s.ID)
			}
			out.schemes = append(out.schemes, s)
			out.schemeByID[s.ID] = s
		}
		for _, id := range set.issuerIDs {
			out.addIssuer(set.issuerByID[id])
		}
		for _, t := range set.types {
			out.addType(t)
		}
		for _, r := range set.requestorSchemes {
			if out.requestorScheme(r.ID) != nil {
				return nil, fmt.Errorf("joining schemes: scheme %s occurs twice", r.ID)
			}
			out.addRequestorScheme(r)
		}
		out.problemList = append(out.problemList, set.problemList...)
	}
	return out, nil
}

func newSet() *Set {
	return &Set{
		schemeByID: map[irma.SchemeID]*Scheme{},
		issuerByID: map[irma.IssuerID]*Issuer{},
		typeByID:   map[irma.CredentialTypeID]*CredentialType{},
		typeByHash: map[[16]byte]*CredentialType{},

		requestorByHost: map[string]*Requestor{},
	}
}

func (s *Set) addIssuer(issuer *Issuer) {
	s.issuerIDs = append(s.issuerIDs, issuer.ID)
	s.issuerByID[issuer.ID] = issuer
}

func (s *Set) addType(t *CredentialType) {
	s.types = append(s.types, t)
	s.typeByID[t.ID] = t
	s.typeByHash[t.ID.Hash()] = t
}

// Problems returns what was wrong with schemes while loading: the schemes that
// are not part of the set and why, and warnings about those that are.
func (s *Set) Problems() []Problem { return slices.Clone(s.problemList) }

// Schemes returns the schemes in the order of their folders. Requestor schemes are
// not among them, see RequestorSchemes.
func (s *Set) Schemes() iter.Seq[*Scheme] { return slices.Values(s.schemes) }

// CredentialTypes returns the credential types of all schemes, grouped by scheme
// and issuer.
func (s *Set) CredentialTypes() iter.Seq[*CredentialType] { return slices.Values(s.types) }

// Issuers returns the issuers of all schemes, grouped by scheme.
func (s *Set) Issuers() iter.Seq[*Issuer] {
	return func(yield func(*Issuer) bool) {
		for _, id := range s.issuerIDs {
			if !yield(s.issuerByID[id]) {
				return
			}
		}
	}
}

// Scheme returns the scheme, or nil if it is unknown.
func (s *Set) Scheme(id irma.SchemeID) *Scheme { return s.schemeByID[id] }

// Issuer returns the issuer, or nil if it is unknown.
func (s *Set) Issuer(id irma.IssuerID) *Issuer { return s.issuerByID[id] }

// CredentialType returns the credential type, or nil if it is unknown.
func (s *Set) CredentialType(id irma.CredentialTypeID) *CredentialType { return s.typeByID[id] }

// CredentialTypeByHash returns the credential type that metadata refers to, or
// nil if it is unknown.
func (s *Set) CredentialTypeByHash(hash [16]byte) *CredentialType { return s.typeByHash[hash] }

// PublicKeyCounters returns the counters of the issuer's public keys in
// ascending order.
func (s *Set) PublicKeyCounters(id irma.IssuerID) []uint {
	if issuer := s.Issuer(id); issuer != nil {
		return issuer.keys.publicCounters()
	}
	return nil
}

// PublicKey returns the issuer's public key with this counter. It is parsed when
// first asked for and kept; concurrent callers wait for each other only when
// they ask for the same key. The error is ErrKeyNotFound if there is no such
// key.
func (s *Set) PublicKey(id irma.IssuerID, counter uint) (*gabikeys.PublicKey, error) {
	issuer := s.Issuer(id)
	if issuer == nil {
		return nil, fmt.Errorf("public key %s-%d: %w", id, counter, ErrKeyNotFound)
	}
	return issuer.keys.publicKey(id, counter)
}

// PrivateKey returns the issuer's private key with this counter. It is validated
// when first asked for and kept. The error is ErrKeyNotFound if there is no such
// key.
func (s *Set) PrivateKey(id irma.IssuerID, counter uint) (*gabikeys.PrivateKey, error) {
	issuer := s.Issuer(id)
	if issuer == nil {
		return nil, fmt.Errorf("private key %s-%d: %w", id, counter, ErrKeyNotFound)
	}
	return issuer.keys.privateKey(id, counter)
}

// LatestPrivateKey returns the highest counter among the issuer's private keys,
// which is the one to issue with. The error is ErrKeyNotFound if there is none.
func (s *Set) LatestPrivateKey(id irma.IssuerID) (uint, error) {
	issuer := s.Issuer(id)
	if issuer == nil || len(issuer.keys.private) == 0 {
		return 0, fmt.Errorf("private key of %s: %w", id, ErrKeyNotFound)
	}
	return issuer.keys.latest, nil
}
