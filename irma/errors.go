package irma

import (
	"errors"
	"fmt"
	"time"
)

// ErrorName identifies an error on the wire.
type ErrorName string

// Error is an error as servers send it. Status is the HTTP status; Description
// is a fixed text per kind of error and Message tells the particulars. Both are
// safe to show to whoever caused the error.
//
// The catalogue below has one Error per kind. Compare with errors.Is, which
// looks at Name and Status only; add particulars with With.
type Error struct {
	Status      int       `json:"status,omitempty"`
	Name        ErrorName `json:"error,omitempty"`
	Description string    `json:"description,omitempty"`
	Message     string    `json:"message,omitempty"`

	// Retry is after how long it is worth trying again, for the header
	// Retry-After; zero if that is not known.
	Retry time.Duration `json:"-"`
}

// Error implements error.
func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("%s: %s", e.Name, e.Description)
	}
	return fmt.Sprintf("%s: %s", e.Name, e.Message)
}

// Is reports whether target is the same kind of error.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && e.Name == other.Name && e.Status == other.Status
}

// With returns a copy of the error with this message.
func (e *Error) With(message string) *Error {
	out := *e
	out.Message = message
	return &out
}

// Withf is With with a format.
func (e *Error) Withf(format string, args ...any) *Error {
	return e.With(fmt.Sprintf(format, args...))
}

// AsError returns the Error in err's chain, or nil.
func AsError(err error) *Error {
	var out *Error
	if errors.As(err, &out) {
		return out
	}
	return nil
}

// The catalogue (spec 05 §2).
var (
	ErrInvalidRequest       = newError(400, "INVALID_REQUEST", "Invalid HTTP request")
	ErrNotFound             = newError(404, "INVALID_REQUEST", "")
	ErrMethodNotAllowed     = newError(405, "INVALID_REQUEST", "")
	ErrUnauthorized         = newError(403, "UNAUTHORIZED", "You are not authorized to issue or verify this attribute")
	ErrSessionUnauthorized  = newError(403, "UNAUTHORIZED", "You are not authorized to access the session")
	ErrSessionUnknown       = newError(400, "SESSION_UNKNOWN", "Unknown or expired session")
	ErrMalformedInput       = newError(400, "MALFORMED_INPUT", "Input could not be parsed")
	ErrProtocolVersion      = newError(400, "PROTOCOL_VERSION", "Protocol version negotiation failed")
	ErrUnexpectedRequest    = newError(403, "UNEXPECTED_REQUEST", "Unexpected request in this state")
	ErrPairingRequired      = newError(403, "PAIRING_REQUIRED", "Pairing is required first")
	ErrUnknownPublicKey     = newError(403, "UNKNOWN_PUBLIC_KEY", "Attributes were not valid against a known public key")
	ErrKeyshareProofMissing = newError(403, "KEYSHARE_PROOF_MISSING", "ProofP object from a keyshare server missing")
	ErrInvalidProofs        = newError(400, "INVALID_PROOFS", "Invalid secret key commitments and/or disclosure proofs")
	ErrAttributesExpired    = newError(400, "ATTRIBUTES_EXPIRED", "Disclosed attributes were expired")
	ErrIssuanceFailed       = newError(500, "ISSUANCE_FAILED", "Failed to create credential(s)")
	ErrNextSession          = newError(500, "NEXT_SESSION", "Error starting next session")
	ErrRevocation           = newError(500, "REVOCATION", "Revocation error")
	ErrUnknownRevocationKey = newError(404, "UNKNOWN_REVOCATION_KEY", "No issuance records correspond to the given revocationKey")
	ErrUnsupported          = newError(501, "UNSUPPORTED", "Unsupported by this server")
	ErrSSEDisabled          = newError(500, "SSE_DISABLED", "Server sent events disabled")
	ErrException            = newError(500, "EXCEPTION", "Encountered unexpected problem")
	ErrInternal             = newError(500, "INTERNAL_ERROR", "Internal server error")
	ErrUnavailable          = newError(503, "INTERNAL_ERROR", "Server is busy or shutting down, try again")

	// Not sent by this server; known so that clients of other servers can
	// compare.
	ErrInvalidTimestamp   = newError(400, "INVALID_TIMESTAMP", "Timestamp was not an epoch boundary")
	ErrIssuingDisabled    = newError(403, "ISSUING_DISABLED", "This server does not support issuing")
	ErrMalformedVerifier  = newError(400, "MALFORMED_VERIFIER_REQUEST", "Malformed verification request")
	ErrMalformedSignature = newError(400, "MALFORMED_SIGNATURE_REQUEST", "Malformed signature request")
	ErrMalformedIssuer    = newError(400, "MALFORMED_ISSUER_REQUEST", "Malformed issuer request")
	ErrAttributesWrong    = newError(400, "ATTRIBUTES_WRONG", "Specified attribute(s) do not belong to this credential type or missing attributes")
	ErrCannotIssue        = newError(500, "CANNOT_ISSUE", "Cannot issue this credential")
	ErrAttributesMissing  = newError(400, "ATTRIBUTES_MISSING", "Not all requested-for attributes were present")
	ErrInvalidToken       = newError(403, "INVALID_TOKEN", "Provided token is unknown or invalid")
	ErrMissingCommitment  = newError(409, "MISSING_COMMITMENT", "")
	ErrMissingChallenge   = newError(409, "MISSING_CHALLENGE", "")
	ErrRevalidateEmail    = newError(500, "REVALIDATE_EMAIL", "")
	ErrUserNotRegistered  = newError(403, "USER_NOT_REGISTERED", "")
	ErrInvalidEmail       = newError(400, "INVALID_EMAIL", "")
	ErrTooManyRequests    = newError(429, "TOO_MANY_REQUESTS", "Too many requests, try again later")
)

// protocolError is an error whose text the protocol prescribes.
type protocolError string

// Error implements error.
func (e protocolError) Error() string { return string(e) }

func newError(status int, name ErrorName, description string) *Error {
	return &Error{Status: status, Name: name, Description: description}
}
