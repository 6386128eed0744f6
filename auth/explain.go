package auth

import (
	"encoding/json"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// explain tells where in the JWT the problem with a session request is.
func (k kind) explain(err *irma.Error, claims map[string]json.RawMessage) error {
	message := err.Message
	switch _, present := claims[k.claim]; {
	case !present:
		message += ": the JWT has no claim " + k.claim + k.misplaced(claims)
	case strings.HasPrefix(message, "not a "): // of the old form, which has no prefix
		return err
	case strings.HasPrefix(message, "$"):
		message = k.claim + message[1:]
	default:
		message += `: claim ` + k.claim + ` must have the form {"request":{"@context":"` + k.context + `",...}}`
	}
	return err.With("Invalid JWT body: " + message)
}

// misplaced says which claim of another kind there is instead.
func (k kind) misplaced(claims map[string]json.RawMessage) string {
	for _, other := range []kind{disclosureKind, signatureKind, issuanceKind} {
		if _, present := claims[other.claim]; present {
			return "; it has " + other.claim + ", which goes with another sub"
		}
	}
	return ""
}
