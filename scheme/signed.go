package scheme

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// Index lists the signed files of a version of a scheme. Programs that only use
// schemes need none; [Load] reads it for them.
type Index struct {
	Scheme irma.SchemeID
	Files  []File // without duplicates; never empty
}

// File is a signed file of a scheme.
type File struct {
	Path string // below the scheme's folder, with forward slashes; it never leads out of it
	Hash [sha256.Size]byte
}

// VerifyIndex returns what the contents of a file named index say, if the
// contents of index.sig are a signature on them by the scheme's key.
func VerifyIndex(index, signature []byte, key *ecdsa.PublicKey) (*Index, error) {
	if err := verifySignature(index, signature, key); err != nil {
		return nil, err
	}
	id, entries, err := parseIndex(index)
	if err != nil {
		return nil, fmt.Errorf("reading the index: %w", err)
	}
	out := &Index{Scheme: id, Files: make([]File, len(entries))}
	for i, e := range entries {
		out.Files[i] = File{Path: e.path, Hash: e.hash}
	}
	return out, nil
}

func verifySignature(index, signature []byte, key *ecdsa.PublicKey) error {
	digest := sha256.Sum256(index)
	if !ecdsa.VerifyASN1(key, digest[:], signature) {
		return errors.New("the signature is not valid")
	}
	return nil
}

// ParseTimestamp returns the moment in the contents of a file named timestamp,
// which tells the versions of a scheme apart.
func ParseTimestamp(data []byte) (time.Time, error) { return parseTimestamp(data) }

// ReadPublicKey reads a scheme's key in the form of a file pk.pem.
func ReadPublicKey(data []byte) (*ecdsa.PublicKey, error) { return readPublicKey(data) }

// OrPrevious returns the set with, in place of each scheme that was refused when
// loading it, the version in previous, if there is one. The problems remain.
// Servers that load again while they run use it, so that damage on disk does not
// take away a scheme that they have in memory.
func (s *Set) OrPrevious(previous *Set) *Set {
	kept := newSet()
	for _, p := range s.problemList {
		if r := previous.requestorScheme(irma.SchemeID(p.Scheme)); r != nil && !p.Warning() {
			s.keepRequestors(kept, r)
		}
		old := previous.Scheme(irma.SchemeID(p.Scheme))
		if p.Warning() || old == nil || s.Scheme(old.ID) != nil || kept.Scheme(old.ID) != nil {
			continue
		}
		kept.copyScheme(old, previous)
	}
	if len(kept.schemes)+len(kept.requestorSchemes) == 0 {
		return s
	}
	out, err := Join(s, kept)
	if err != nil { // kept has no scheme of s
		return s
	}
	return out
}

// keepRequestors adds a requestor scheme to kept if it fits in with those of s.
func (s *Set) keepRequestors(kept *Set, old *RequestorScheme) {
	known := s.requestorScheme(old.ID) != nil || kept.requestorScheme(old.ID) != nil
	if !known && s.checkHosts(old) == nil {
		kept.addRequestorScheme(old)
	}
}

// copyScheme adds a scheme of another set with its issuers and types.
func (s *Set) copyScheme(scheme *Scheme, from *Set) {
	s.schemes = append(s.schemes, scheme)
	s.schemeByID[scheme.ID] = scheme
	for issuer := range from.Issuers() {
		if issuer.ID.Scheme() == scheme.ID {
			s.addIssuer(issuer)
		}
	}
	for _, t := range from.types {
		if t.ID.Scheme() == scheme.ID {
			s.addType(t)
		}
	}
}
