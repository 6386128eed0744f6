package wallet

import "github.com/irmad/irmaserver/irma"

// Outcome tells how a session went.
type Outcome struct {
	Action      irma.Action
	Request     *irma.SessionRequest   // as received; nil if the session did not get that far
	ProofStatus irma.ProofStatus       // the server's verdict; empty if there was none
	Disclosed   []irma.AttributeTypeID // sent to the server, in order of the request; not those repeated in a chain
	Issued      []Credential           // received and stored
	Signature   *irma.SignedMessage    // sent to the server, in a signature session
	Next        *Outcome               // of the follow-up session; nil if there was none
}
