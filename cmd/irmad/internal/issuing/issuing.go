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
	return keys(set, func(*scheme.Issuer) bool { return true })
}

// keys is Keys of those issuers that are of interest. Keys of others are not read,
// which takes a millisecond of the start.
func keys(set *scheme.Set, ofInterest func(*scheme.Issuer) bool) []Key {
	var keys []Key
	for issuer := range set.Issuers() {
		if !ofInterest(issuer) {
			continue
		}
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
	inUse := func(issuer *scheme.Issuer) bool {
		since := issuer.DeprecatedSince
		return !set.Scheme(issuer.ID.Scheme()).Demo && (since == 0 || now.Before(since.Time()))
	}
	return slices.DeleteFunc(keys(set, inUse), func(key Key) bool { return now.Add(soon).Before(key.Expiry) })
}
