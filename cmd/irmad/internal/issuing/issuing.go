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

// soon is how long before its expiry a key is warned about: enough to make a new one
// and have it published.
const soon = 30 * 24 * time.Hour

// Expiring returns those of the keys that have expired or will soon, and about which
// operators can do something: not those of demo schemes and of issuers that are
// deprecated.
func Expiring(set *scheme.Set, now time.Time) []Key {
	return slices.DeleteFunc(Keys(set), func(key Key) bool {
		since := set.Issuer(key.Issuer).DeprecatedSince
		return now.Add(soon).Before(key.Expiry) || set.Scheme(key.Issuer.Scheme()).Demo ||
			since != 0 && !now.Before(since.Time())
	})
}
