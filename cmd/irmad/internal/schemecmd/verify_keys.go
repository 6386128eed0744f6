package schemecmd

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/privacybydesign/gabi/gabikeys"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// keyWarning is how long before the last key of an issuer expires the manager of the
// scheme is warned (spec 10 §6.1).
const keyWarning = 31 * 24 * time.Hour

// checkKeys reads all keys of an issuer, which are otherwise read when they are needed,
// and checks that the latest can sign all that the issuer issues.
func checkKeys(w io.Writer, set *scheme.Set, issuer *scheme.Issuer, now time.Time) error {
	var errs []error
	var latest *gabikeys.PublicKey
	for _, counter := range set.PublicKeyCounters(issuer.ID) { // the highest comes last
		key, err := set.PublicKey(issuer.ID, counter)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		latest = key
		if _, err := set.PrivateKey(issuer.ID, counter); err != nil && !errors.Is(err, scheme.ErrKeyNotFound) {
			errs = append(errs, err)
		}
	}
	if latest == nil { // which loading the scheme warned about
		return errors.Join(errs...)
	}
	if warning := expiryWarning(issuer, latest, now); warning != "" {
		fmt.Fprintln(w, warning)
	}
	for t := range set.CredentialTypes() {
		if t.ID.Issuer() == issuer.ID {
			errs = append(errs, checkFits(t, latest))
		}
	}
	return errors.Join(errs...)
}

// checkFits checks that credentials of the type can be issued with the key.
func checkFits(t *scheme.CredentialType, key *gabikeys.PublicKey) error {
	name := keyName(t.ID.Issuer(), key)
	switch most := len(key.R) - 2; { // the other two are for the secret key and metadata
	case most < len(t.Attributes):
		return fmt.Errorf("%s has %d attributes, and %s can sign %d: make another key", t.ID, len(t.Attributes), name, most)
	case t.RevocationPosition() >= 0 && !key.RevocationSupported():
		return fmt.Errorf("%s supports revocation, and %s does not: make another key", t.ID, name)
	}
	return nil
}

// expiryWarning returns what to say about the end of an issuer's latest key, or "".
func expiryWarning(issuer *scheme.Issuer, latest *gabikeys.PublicKey, now time.Time) string {
	since, expiry := issuer.DeprecatedSince, time.Unix(latest.ExpiryDate, 0)
	switch name := keyName(issuer.ID, latest); {
	case since != 0 && !now.Before(since.Time()):
		return ""
	case now.After(expiry):
		return fmt.Sprintf("warning: the latest key of the issuer, %s, expired on %s", name, day(expiry))
	case now.Add(keyWarning).After(expiry):
		return fmt.Sprintf("warning: the latest key of the issuer, %s, expires on %s", name, day(expiry))
	}
	return ""
}

func keyName(id irma.IssuerID, key *gabikeys.PublicKey) string {
	return fmt.Sprintf("public key %s-%d", id, key.Counter)
}
