package idemix

import (
	"slices"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// anyExpired reports whether one of the credentials is expired at the moment
// now. Extra ones count as well.
func anyExpired(shown []*presentation, skip []irma.CredentialTypeID, now time.Time) bool {
	return slices.ContainsFunc(shown, func(p *presentation) bool {
		return p.signedTooLate() || p.expired(now) && !slices.Contains(skip, p.typ.ID)
	})
}

// expired reports whether now is after the credential's expiry; at that moment
// itself it is still valid.
func (p *presentation) expired(now time.Time) bool {
	return time.Unix(int64(p.metadata.Expiry()), 0).Before(now)
}

// signedTooLate reports whether the credential was signed after its key had
// expired. No request can ask to ignore that.
func (p *presentation) signedTooLate() bool {
	return int64(p.metadata.SigningDate) > p.key.ExpiryDate
}
