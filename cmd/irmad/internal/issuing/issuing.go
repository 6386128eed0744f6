// Package issuing lists the keys that a server issues with, for those that watch
// their expiry.
package issuing

import (
	"slices"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// Key is the newest key of an issuer whose private key is installed.
type Key struct {
	Issuer  irma.IssuerID
	Counter uint
	Expiry  time.Time
}

// Keys returns the keys that the schemes' issuers issue with, by name of the
// issuer. Keys that cannot be read are left out; issuing with them tells why.
func Keys(set *scheme.Set) []Key {
	var keys []Key
	for issuer := range set.Issuers() {
		counter, err := set.LatestPrivateKey(issuer.ID)
		if err != nil {
			continue
		}
		if public, err := set.PublicKey(issuer.ID, counter); err == nil {
			keys = append(keys, Key{issuer.ID, counter, time.Unix(public.ExpiryDate, 0)})
		}
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(string(a.Issuer), string(b.Issuer)) })
	return keys
}
