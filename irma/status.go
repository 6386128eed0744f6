package irma

// Action is what a session does: disclosing, signing or issuing.
type Action string

// The three kinds of session.
const (
	Disclosing Action = "disclosing"
	Signing    Action = "signing"
	Issuing    Action = "issuing"
)

// Status is the state of a session as requestors, wallets and frontends see it.
type Status string

// A session begins INITIALIZED and only ever moves down this list; the last
// three are final.
const (
	StatusInitialized Status = "INITIALIZED" // waiting for a wallet
	StatusPairing     Status = "PAIRING"     // wallet waits for the frontend to confirm the pairing code
	StatusConnected   Status = "CONNECTED"   // wallet has the request, its answer is awaited
	StatusCancelled   Status = "CANCELLED"   // refused by the user, aborted, or failed
	StatusDone        Status = "DONE"        // answered
	StatusTimeout     Status = "TIMEOUT"     // time is up
)

// Finished reports whether the status is final.
func (s Status) Finished() bool {
	return s == StatusCancelled || s == StatusDone || s == StatusTimeout
}

// ProofStatus is the verdict on what the wallet sent. A session that is DONE
// has one; only ProofValid means that the requested attributes were proven.
type ProofStatus string

// The verdicts.
const (
	ProofValid             ProofStatus = "VALID"
	ProofInvalid           ProofStatus = "INVALID"
	ProofInvalidTimestamp  ProofStatus = "INVALID_TIMESTAMP"
	ProofUnmatchedRequest  ProofStatus = "UNMATCHED_REQUEST"
	ProofMissingAttributes ProofStatus = "MISSING_ATTRIBUTES"
	ProofExpired           ProofStatus = "EXPIRED"
)

// AttributeStatus tells how a disclosed attribute relates to the request.
type AttributeStatus string

// Statuses of a disclosed attribute.
const (
	AttributePresent AttributeStatus = "PRESENT" // requested, has a value
	AttributeNull    AttributeStatus = "NULL"    // requested, has no value
	AttributeExtra   AttributeStatus = "EXTRA"   // disclosed without being requested
)
