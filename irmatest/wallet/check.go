package wallet

import (
	"fmt"
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// check refuses the requests that the app refuses before it asks its user.
func (s *session) check() error {
	r := s.request
	if r.Action() == "" || r.Action() != s.outcome.Action {
		return fmt.Errorf("%w: @context %q in a session for %s", ErrBadRequest, r.LDContext, s.outcome.Action)
	}
	if r.Context == nil || r.Nonce == nil {
		return fmt.Errorf("%w: no context or nonce", ErrBadRequest)
	}
	if r.DevMode && s.wallet.cfg.Production {
		return fmt.Errorf("%w: server is in development mode", ErrBadRequest)
	}
	if len(r.Revocation) > 0 {
		return fmt.Errorf("%w: proving non-revocation", ErrUnsupported)
	}
	if err := s.checkDisclose(); err != nil {
		return err
	}
	for i := range r.Credentials {
		if err := s.checkCredential(&r.Credentials[i]); err != nil {
			return fmt.Errorf("credential %d: %w", i+1, err)
		}
	}
	return nil
}

// checkDisclose looks up all identifiers, and allows one type of which there
// can be several instances per conjunction.
func (s *session) checkDisclose() error {
	for _, discon := range s.request.Disclose {
		for _, con := range discon {
			if err := s.checkConjunction(con); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) checkConjunction(con irma.Con) error {
	plural := 0
	for _, id := range typesOf(con) {
		typ := s.wallet.schemes.CredentialType(id)
		if typ == nil {
			return fmt.Errorf("%w: unknown credential type %q", ErrBadRequest, id)
		}
		if !typ.Singleton {
			plural++
		}
	}
	if plural > 1 {
		return fmt.Errorf("%w: several non-singletons in one conjunction", ErrBadRequest)
	}
	for _, attr := range con {
		if !attr.Type.Valid() {
			return fmt.Errorf("%w: attribute %q", ErrBadRequest, attr.Type)
		}
		typ := s.wallet.schemes.CredentialType(attr.Type.CredentialType())
		if _, known := typ.AttributePosition(attr.Type.Name()); !known && !attr.Type.IsCredential() {
			return fmt.Errorf("%w: unknown attribute %q", ErrBadRequest, attr.Type)
		}
	}
	return nil
}

// checkCredential looks whether the wallet can receive this credential.
func (s *session) checkCredential(req *irma.CredentialRequest) error {
	typ := s.wallet.schemes.CredentialType(req.CredentialTypeID)
	key, err := s.wallet.lookup(typ, req.KeyCounter)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBadRequest, req.CredentialTypeID, err)
	}
	if now := s.wallet.cfg.Now(); time.Unix(key.pk.ExpiryDate, 0).Before(now) {
		return fmt.Errorf("%w: public key %s-%d has expired", ErrBadRequest, typ.ID.Issuer(), req.KeyCounter)
	}
	if req.RevocationSupported {
		return fmt.Errorf("%w: revocable credential %s", ErrUnsupported, typ.ID)
	}
	if !slices.Equal(req.RandomblindIDs, typ.RandomblindIDs()) {
		return fmt.Errorf("%w: randomblindIDs of %s are %q", ErrBadRequest, typ.ID, req.RandomblindIDs)
	}
	return checkAttributes(req, typ)
}

// checkAttributes compares the attributes with the credential type: all known,
// all required ones present, and none that only the protocol can set.
func checkAttributes(req *irma.CredentialRequest, typ *scheme.CredentialType) error {
	for name := range req.Attributes {
		if _, known := typ.AttributePosition(name); !known {
			return fmt.Errorf("%w: unknown attribute %q", ErrBadRequest, typ.ID.Attribute(name))
		}
	}
	for _, attr := range typ.Attributes {
		_, given := req.Attributes[attr.ID]
		special := attr.Revocation || attr.Randomblind
		if given && special {
			return fmt.Errorf("%w: value for special attribute %q", ErrBadRequest, typ.ID.Attribute(attr.ID))
		}
		if !given && !special && !attr.Optional {
			return fmt.Errorf("%w: no value for attribute %q", ErrBadRequest, typ.ID.Attribute(attr.ID))
		}
	}
	return nil
}
