package auth

import (
	"fmt"
	"path"
	"slices"
)

const (
	soundToken  = 16   // bytes below which a token may be guessed
	soundSecret = 32   // bytes, what HS256 asks for (RFC 7518 §3.2)
	soundRSA    = 2048 // bits, what RS256 asks for (RFC 7518 §3.3)
)

// Warnings returns what is allowed and yet probably not meant: short keys, and
// host permissions that never match. Worth a line each in the log at start.
func (a *Authenticator) Warnings() []string { return slices.Clone(a.warnings) }

func (c *Config) warnings() []string {
	var out []string
	warn := func(r *Requestor, format string, args ...any) {
		out = append(out, "Requestor "+r.Name+": "+fmt.Sprintf(format, args...))
	}
	for i := range c.Requestors {
		r := &c.Requestors[i]
		switch {
		case r.Method == Token && len(r.Token) < soundToken:
			warn(r, "the token is shorter than %d bytes, which can be guessed", soundToken)
		case r.Method == HMAC && len(r.HMACKey) < soundSecret:
			warn(r, "the hmac key has %d bytes, HS256 asks for at least %d", len(r.HMACKey), soundSecret)
		case r.Method == PublicKey && r.PublicKey.N.BitLen() < soundRSA:
			warn(r, "the public key has %d bits, RS256 asks for at least %d", r.PublicKey.N.BitLen(), soundRSA)
		}
		for _, pattern := range r.Hosts {
			if _, err := path.Match(pattern, ""); err != nil {
				warn(r, "host permission '%s' is malformed and never matches", pattern)
			}
		}
		if h := compileHosts(r.Hosts); !h.empty() && !h.allow(c.DefaultHost) {
			warn(r, "no host permission matches the default host '%s', so session requests without host are refused", c.DefaultHost)
		}
	}
	return out
}
