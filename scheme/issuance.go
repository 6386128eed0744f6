package scheme

import (
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/privacybydesign/gabi/gabikeys"
)

// firstBase is the base of the first attribute, after those of the secret key
// and the metadata.
const firstBase = 2

// defaultMonths is how long a credential is valid if the request does not say.
const defaultMonths = 6

// CompleteIssuance fills in what the server decides about the credentials in
// req, which it changes: the key to issue with, the expiry if there is none,
// and what wallets are told about random blind attributes and revocation. It
// does nothing to other requests, or if there is an error.
func (s *Set) CompleteIssuance(req *irma.SessionRequest, now time.Time) error {
	completed := make([]irma.CredentialRequest, len(req.Credentials))
	for i, cred := range req.Credentials {
		t := s.CredentialType(cred.CredentialTypeID)
		if t == nil {
			return irma.ErrInvalidRequest.Withf("Unknown identifiers: %s", cred.CredentialTypeID)
		}
		counter, err := s.LatestPrivateKey(t.ID.Issuer())
		if err != nil {
			return errNoPrivateKey(t)
		}
		cred.KeyCounter = counter
		cred.Validity = validity(cred, now)
		cred.RandomblindIDs = t.RandomblindIDs()
		cred.RevocationSupported = t.RevocationPosition() >= 0 && cred.RevocationKey != ""
		completed[i] = cred
	}
	copy(req.Credentials, completed)
	return nil
}

// validity returns when the credential will expire.
func validity(cred irma.CredentialRequest, now time.Time) irma.Timestamp {
	if cred.Validity != 0 {
		return cred.Validity
	}
	return irma.NewTimestamp(now.AddDate(0, defaultMonths, 0))
}

// checkIssuance checks that this server can issue the credentials. The requested
// key counter is ignored: the latest private key is what will be used.
func (s *Set) checkIssuance(creds []irma.CredentialRequest, now time.Time) error {
	singletons := map[irma.CredentialTypeID]bool{}
	for _, cred := range creds {
		t := s.CredentialType(cred.CredentialTypeID)
		if err := s.checkCredential(t, cred, now); err != nil {
			return err
		}
		if t.Singleton && singletons[t.ID] {
			return irma.ErrInvalidRequest.Withf("cannot issue %s twice: a wallet can hold only one", t.ID)
		}
		singletons[t.ID] = true
	}
	return s.checkKeyshareIssuers(creds)
}

func (s *Set) checkCredential(t *CredentialType, cred irma.CredentialRequest, now time.Time) error {
	key, err := s.issuingKey(t, now)
	if err != nil {
		return err
	}
	if err := checkAttributeValues(t, cred); err != nil {
		return err
	}
	if err := checkRevocationKey(t, cred); err != nil {
		return err
	}
	if err := checkValidity(t, cred, key.Counter, now); err != nil {
		return err
	}
	if len(key.R) < firstBase+len(t.Attributes) {
		return irma.ErrInvalidRequest.Withf("cannot issue %s: its %d attributes do not fit public key %s-%d, which has room for %d",
			t.ID, len(t.Attributes), t.ID.Issuer(), key.Counter, len(key.R)-firstBase)
	}
	return nil
}

// issuingKey returns the public key under which the type is issued, after
// checking that it and the private key can be used.
func (s *Set) issuingKey(t *CredentialType, now time.Time) (*gabikeys.PublicKey, error) {
	issuer := t.ID.Issuer()
	counter, err := s.LatestPrivateKey(issuer)
	if err != nil {
		return nil, errNoPrivateKey(t)
	}
	key, err := s.PublicKey(issuer, counter)
	switch {
	case errors.Is(err, ErrKeyNotFound):
		return nil, irma.ErrInvalidRequest.Withf("missing public key of issuer %s", issuer)
	case err != nil:
		return nil, unusable("public", issuer, err)
	case now.Unix() > key.ExpiryDate:
		return nil, irma.ErrInvalidRequest.Withf("cannot issue using expired public key %s-%d", issuer, counter)
	}
	if _, err := s.PrivateKey(issuer, counter); err != nil {
		return nil, unusable("private", issuer, err)
	}
	return key, nil
}

// unusable tells the requestor which key cannot be used and keeps the reason for
// the log.
func unusable(which string, issuer irma.IssuerID, err error) error {
	return fmt.Errorf("%w: %w", irma.ErrInvalidRequest.Withf("%s key of issuer %s cannot be used", which, issuer), err)
}

func errNoPrivateKey(t *CredentialType) error {
	return irma.ErrInvalidRequest.Withf("missing private key of issuer %s", t.ID.Issuer())
}

func checkRevocationKey(t *CredentialType, cred irma.CredentialRequest) error {
	switch {
	case t.RevocationPosition() >= 0:
		return irma.ErrInvalidRequest.Withf("revocation enabled for %s but no revocation server configured: this server does not support revocation", t.ID)
	case cred.RevocationKey != "": // the wallet would wait for a witness that never comes
		return irma.ErrInvalidRequest.Withf("revocationKey specified for %s but revocation not enabled in scheme", t.ID)
	}
	return nil
}

// checkAttributeValues refuses values for attributes that have no say in them.
// That the others are known and complete was checked before.
func checkAttributeValues(t *CredentialType, cred irma.CredentialRequest) error {
	for _, attr := range t.Attributes {
		if _, set := cred.Attributes[attr.ID]; !set {
			continue
		}
		switch {
		case attr.Revocation:
			return irma.ErrInvalidRequest.With("Error type: revocation\nDescription: revocation attribute cannot be set in credential request\nStatus code: 0")
		case attr.Randomblind:
			return irma.ErrInvalidRequest.With("Error type: randomblind\nDescription: randomblind attribute cannot be set in credential request\nStatus code: 0")
		}
	}
	return nil
}

// checkValidity checks that the expiry lies ahead and fits in the metadata.
func checkValidity(t *CredentialType, cred irma.CredentialRequest, counter uint, now time.Time) error {
	expiry := validity(cred, now)
	if int64(expiry) < now.Unix() {
		return irma.ErrInvalidRequest.With("cannot issue expired credentials")
	}
	if _, err := irma.NewMetadata(t.ID, counter, now, expiry.Time()); err != nil {
		return irma.ErrInvalidRequest.Withf("cannot issue %s: %v", t.ID, err)
	}
	return nil
}
