package scheme

import (
	"maps"
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// CheckRequest tells whether a session can be started for the request: whether
// all it names exists, and whether this server can issue what it asks for
// (spec 01 §6.2). It takes for granted that the request passed
// [irma.ExtendedRequest.Validate]. The error has an *irma.Error of kind
// irma.ErrInvalidRequest in its chain, whose message is safe to show; attribute
// values are nowhere in it.
func (s *Set) CheckRequest(req *irma.SessionRequest, now time.Time) error {
	if err := s.checkIdentifiers(req); err != nil {
		return err
	}
	if err := s.checkRevocationRequests(req.Revocation); err != nil {
		return err
	}
	if req.AugmentReturnURL && req.ClientReturnURL == "" {
		return irma.ErrInvalidRequest.With("cannot augment empty client return url")
	}
	if err := s.checkSingletons(req.Disclose); err != nil {
		return err
	}
	return s.checkIssuance(req.Credentials, now)
}

// checkRevocationRequests refuses all demands for non-revocation, in the
// protocol's words where those about the type itself apply.
func (s *Set) checkRevocationRequests(requests irma.RevocationRequests) error {
	for _, id := range slices.Sorted(maps.Keys(requests)) {
		t := s.CredentialType(id)
		switch {
		case t == nil: // "requet" is how existing servers spell it
			return irma.ErrInvalidRequest.Withf("cannot requet nonrevocation proof for %s: unknown credential type", id)
		case t.RevocationPosition() < 0:
			return irma.ErrInvalidRequest.Withf("cannot request nonrevocation proof for %s: revocation not enabled in scheme", id)
		default:
			return irma.ErrInvalidRequest.Withf("cannot request nonrevocation proof for %s: this server does not verify nonrevocation proofs", id)
		}
	}
	return nil
}

// checkSingletons refuses conjunctions over two types of which a wallet can hold
// several credentials: users would have to choose among all combinations.
func (s *Set) checkSingletons(condiscon irma.ConDisCon) error {
	for _, discon := range condiscon {
		for _, con := range discon {
			if s.nonSingletons(con) > 1 {
				return irma.ErrInvalidRequest.With("Multiple non-singletons within one inner conjunction are not allowed")
			}
		}
	}
	return nil
}

// nonSingletons counts the types in con that are not singletons.
func (s *Set) nonSingletons(con irma.Con) int {
	count := 0
	var last irma.CredentialTypeID
	for _, attr := range con {
		id := attr.Type.CredentialType()
		if id == last {
			continue // attributes of one type are adjacent
		}
		last = id
		if t := s.CredentialType(id); t != nil && !t.Singleton {
			count++
		}
	}
	return count
}
