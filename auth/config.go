package auth

import (
	"crypto/rsa"
	"time"
)

// Method is how a requestor proves who it is.
type Method string

// The methods (spec 02 §3, §4).
const (
	Token     Method = "token"     // sends a secret in the Authorization header
	HMAC      Method = "hmac"      // sends a JWT signed with HS256
	PublicKey Method = "publickey" // sends a JWT signed with RS256
)

// Requestor is a party that may start sessions. Only the key of its own method
// is set; ParseRequestor does that.
type Requestor struct {
	Name   string // identifies the requestor, in JWTs as kid or iss
	Method Method

	Token     string         // of method Token
	HMACKey   []byte         // of method HMAC
	PublicKey *rsa.PublicKey // of method PublicKey

	// Permissions are added to those that all requestors have.
	Permissions Permissions

	// Hosts are patterns of the hosts that the requestor may use in session
	// pointers, in the syntax of path.Match. Empty means the default host only.
	// If it is not empty, one of them must match also when a request names no
	// host and the default applies.
	Hosts []string
}

// Permissions lists what may be asked, by patterns: "*" for all, "scheme.*",
// "scheme.issuer.*", and an exact identifier; for attributes also
// "scheme.issuer.credential.*". The zero value permits nothing.
type Permissions struct {
	Disclose []string // attributes in disclosures, also those during issuance
	Sign     []string // attributes in signatures
	Issue    []string // credential types to issue
	Revoke   []string // credential types to revoke
}

// Config configures New.
type Config struct {
	// Requestors are those who may start sessions. Names and tokens are unique.
	Requestors []Requestor

	// Global has the permissions of everybody: of each requestor besides its
	// own, and of sessions that no requestor asked for.
	Global Permissions

	// NoAuth serves everybody with the Global permissions, and then there must
	// be no Requestors. Requests that carry authentication are refused.
	NoAuth bool

	// DefaultHost is the host, with its port if there is one, that session
	// pointers have when a request does not name another.
	DefaultHost string

	// MaxRequestAge is how long after its iat a JWT is accepted. Zero means 300
	// seconds.
	MaxRequestAge time.Duration

	// ReplayMemory is how many JWTs of each requestor are remembered by their
	// jti, to refuse them when they come again. Zero means 65536, which takes
	// some megabytes; a negative number accepts the same jti any number of
	// times. JWTs without jti are never remembered.
	ReplayMemory int

	// Replays remembers them instead, for several servers together or beyond the
	// end of this one; ReplayMemory then only tells whether they are remembered.
	// Nil means that each Authenticator remembers what was used with it.
	Replays Replays

	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

const (
	defaultRequestAge   = 300 * time.Second
	defaultReplayMemory = 1 << 16
)

func (c *Config) setDefaults() {
	if c.MaxRequestAge == 0 {
		c.MaxRequestAge = defaultRequestAge
	}
	if c.ReplayMemory == 0 {
		c.ReplayMemory = defaultReplayMemory
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}
