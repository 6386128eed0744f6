// Package route names the endpoints of irmad, so that metrics and limits can
// tell them apart without keeping tokens.
package route

import "strings"

// Other is the name of a path that is no endpoint.
const Other = "other"

const (
	requestor = "session/{requestorToken}"
	client    = "irma/session/{clientToken}"

	// Start is where requestors start sessions.
	Start = "session"

	// StartStatic is where anybody starts static sessions.
	StartStatic = client
)

// requestors and clients are what is below a session for requestors, and for
// wallets and frontends.
var (
	requestors = []string{"", "/", "/status", "/statusevents", "/result", "/result-jwt", "/getproof"}
	clients    = []string{
		"", "/", "/request", "/proofs", "/commitments", "/status", "/statusevents",
		"/frontend/status", "/frontend/statusevents", "/frontend/options", "/frontend/pairingcompleted",
	}
	fixed = []string{"publickey", "revocation", "health", "ready", "openapi.json"}
)

// Of returns the name of the endpoint with this path, which is its pattern
// relative to the prefix: one of a few, whatever clients ask for. Trailing
// slashes that endpoints accept are left out.
func Of(path, prefix string) string {
	path, below := strings.CutPrefix(path, prefix)
	if !below {
		return Other
	}
	for _, name := range fixed {
		if path == name {
			return name
		}
	}
	if path == Start || path == Start+"/" {
		return Start
	}
	if rest, is := strings.CutPrefix(path, "irma/session/"); is {
		return in(rest, client, clients)
	}
	if rest, is := strings.CutPrefix(path, "session/"); is {
		return in(rest, requestor, requestors)
	}
	return Other
}

// in returns the name of the endpoint of a session, whose path starts with a
// token.
func in(path, session string, known []string) string {
	token, below, nested := strings.Cut(path, "/")
	if nested {
		below = "/" + below
	}
	if token == "" {
		return Other
	}
	for _, name := range known {
		if below == name {
			return session + strings.TrimSuffix(name, "/")
		}
	}
	return Other
}
