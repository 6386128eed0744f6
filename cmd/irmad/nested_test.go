package main

import "testing"

// TestNested holds that every endpoint has one path below the prefix, since
// limits and metrics go by it.
func TestNested(t *testing.T) {
	t.Parallel()
	const token = "01234567890123456789"
	tests := map[string]bool{
		"session":                               false,
		"session/":                              false,
		"session/" + token + "/status":          false,
		"publickey":                             false,
		"irma/session/name":                     false,
		"irma/session/" + token + "/":           false,
		"irma/session/" + token + "/proofs":     false,
		"irma/session/session":                  false, // a static session of that name
		"irma/session/publickey":                false,
		"session/session":                       true,
		"session/x/session":                     true,
		"session/publickey":                     true,
		"session/session/":                      true,
		"session/x/session/":                    true,
		"session/" + token + "/session/":        true,
		"irma/x/session/name":                   true,
		"irma//session/name":                    true,
		"irma/session/session/name":             true,
		"irma/irma/session/name":                true,
		"irma/x/session/" + token + "/proofs":   true,
		"irma/session/x/session/" + token + "/": true,
	}
	for path, want := range tests {
		if got := nested(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}
