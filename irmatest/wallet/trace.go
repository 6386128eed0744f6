package wallet

// Names of the steps of a session.
const (
	StepStatic      = "start session" // POST to a static session
	StepConnect     = "connect"       // GET of the session
	StepPairing     = "await pairing" // GET of the status, repeated
	StepRequest     = "get request"   // GET of the request after pairing
	StepProofs      = "send proofs"   // POST of a disclosure or signature
	StepCommitments = "send commitments"
	StepCancel      = "cancel" // DELETE of the session
)

// Step is one exchange with a server. A repeated request is a step each time.
type Step struct {
	Name   string // one of the Step constants
	Method string
	URL    string
	Status int   // of the answer; 0 if there was none
	Err    error // why there was no answer

	// Sent and Received are the bodies, with the attribute values in them. They
	// must not be changed.
	Sent, Received []byte
}
