package irma

// RequestorToken gives its holder the result of a session and power over it.
// Keep it from wallets and browsers, and out of logs.
type RequestorToken string

// ClientToken is the part of a session pointer that names the session to
// wallets and frontends. It cannot be turned into the requestor token.
type ClientToken string

// FrontendAuthorization authorises a frontend at the frontend endpoints.
type FrontendAuthorization string

// SessionPointer tells a wallet where its session is. A frontend shows it as a
// QR or as an app link.
type SessionPointer struct {
	URL    string `json:"u"`
	Action Action `json:"irmaqr"`
}

// SessionPackage is what a requestor gets for a session that it started.
type SessionPackage struct {
	SessionPtr      SessionPointer  `json:"sessionPtr"`
	Token           RequestorToken  `json:"token"`
	FrontendRequest FrontendRequest `json:"frontendRequest"`
}

// FrontendRequest is what a frontend needs to follow and pair a session.
type FrontendRequest struct {
	Authorization      FrontendAuthorization `json:"authorization"`
	PairingHint        bool                  `json:"pairingHint,omitempty"` // pairing is advised
	MinProtocolVersion Version               `json:"minProtocolVersion"`
	MaxProtocolVersion Version               `json:"maxProtocolVersion"`
}

// PairingMethod is how a wallet and a frontend make sure they belong to the
// same user.
type PairingMethod string

// The pairing methods.
const (
	PairingNone PairingMethod = "none"
	PairingPin  PairingMethod = "pin" // the wallet shows a code that the user types into the frontend
)

// FrontendOptions is a frontend's wish for the session.
type FrontendOptions struct {
	LDContext     string        `json:"@context"`
	PairingMethod PairingMethod `json:"pairingMethod"`
}

// SessionOptions is the session's answer to FrontendOptions; the wallet gets it
// too.
type SessionOptions struct {
	LDContext     string        `json:"@context"`
	PairingMethod PairingMethod `json:"pairingMethod"`
	PairingCode   string        `json:"pairingCode,omitempty"` // four digits
}

// ClientSessionRequest is the answer to a wallet's first request.
type ClientSessionRequest struct {
	LDContext       string          `json:"@context"`
	ProtocolVersion Version         `json:"protocolVersion"`
	Options         SessionOptions  `json:"options"`
	Request         *SessionRequest `json:"request,omitempty"` // absent while pairing is required
}

// ServerSessionResponse is the answer to a wallet's proofs or commitments.
type ServerSessionResponse struct {
	ProofStatus ProofStatus      `json:"proofStatus"`
	Signatures  []IssueSignature `json:"sigs,omitempty"`
	SDJWTs      []string         `json:"sdjwts,omitempty"`
	NextSession *SessionPointer  `json:"nextSession,omitempty"`
}

// FrontendStatus is the status as frontends see it.
type FrontendStatus struct {
	Status      Status          `json:"status"`
	NextSession *SessionPointer `json:"nextSession,omitempty"`
}

// SessionResult is what a requestor learns of its session. While the session
// is not finished only the first three fields are set.
type SessionResult struct {
	Token       RequestorToken          `json:"token"`
	Status      Status                  `json:"status"`
	Type        Action                  `json:"type"`
	ProofStatus ProofStatus             `json:"proofStatus,omitempty"` // look at this: DONE alone does not mean VALID
	Disclosed   [][]*DisclosedAttribute `json:"disclosed,omitempty"`   // one list per disjunction, then one of extras
	Signature   *SignedMessage          `json:"signature,omitempty"`
	Err         *Error                  `json:"error,omitempty"` // why the server ended the session
	NextSession RequestorToken          `json:"nextSession,omitempty"`
}

// LegacyResult is a SessionResult as senders of requests without @context
// expect it: Disclosed is flat, with one attribute per disjunction.
type LegacyResult struct {
	Token       RequestorToken        `json:"token"`
	Status      Status                `json:"status"`
	Type        Action                `json:"type"`
	ProofStatus ProofStatus           `json:"proofStatus,omitempty"`
	Disclosed   []*DisclosedAttribute `json:"disclosed,omitempty"`
	Signature   *SignedMessage        `json:"signature,omitempty"`
	Err         *Error                `json:"error,omitempty"`
}

// Legacy returns the result in its old form. It shares memory with r. Lists
// without attributes, of disjunctions that were not satisfied, are left out.
func (r *SessionResult) Legacy() *LegacyResult {
	out := &LegacyResult{
		Token: r.Token, Status: r.Status, Type: r.Type, ProofStatus: r.ProofStatus,
		Signature: r.Signature, Err: r.Err,
	}
	for _, attrs := range r.Disclosed {
		if len(attrs) > 0 {
			out.Disclosed = append(out.Disclosed, attrs[0])
		}
	}
	return out
}

// DisclosedAttribute is an attribute that the user disclosed.
type DisclosedAttribute struct {
	RawValue         *string          `json:"rawvalue"` // nil when the attribute is absent from the credential
	Value            TranslatedString `json:"value"`    // RawValue under "", "en" and "nl"
	Identifier       AttributeTypeID  `json:"id"`
	Status           AttributeStatus  `json:"status"`
	IssuanceTime     Timestamp        `json:"issuancetime"` // start of the week of issuance
	NotRevoked       bool             `json:"notrevoked,omitempty"`
	NotRevokedBefore Timestamp        `json:"notrevokedbefore,omitempty"`
}

// Text returns the value, "" when the attribute is absent from the credential.
func (a *DisclosedAttribute) Text() string {
	if a.RawValue == nil {
		return ""
	}
	return *a.RawValue
}
