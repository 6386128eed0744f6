package irma

// The values of @context by which messages name their kind.
const (
	ContextDisclosureRequest = "https://irma.app/ld/request/disclosure/v2"
	ContextSignatureRequest  = "https://irma.app/ld/request/signature/v2"
	ContextIssuanceRequest   = "https://irma.app/ld/request/issuance/v2"
	ContextRevocationRequest = "https://irma.app/ld/request/revocation/v1"
	ContextFrontendOptions   = "https://irma.app/ld/request/frontendoptions/v1"
	ContextSessionOptions    = "https://irma.app/ld/options/v1"
	ContextClientRequest     = "https://irma.app/ld/request/client/v1"
	ContextSignature         = "https://irma.app/ld/signature/v2"
)

// SessionRequest is what a requestor asks of a wallet: a disclosure, a
// signature or an issuance, told apart by LDContext. Make one with
// NewDisclosureRequest, NewSignatureRequest or NewIssuanceRequest, or read one
// with ParseRequest.
//
// Fields marked "server" are set by the server; what a requestor puts there is
// overwritten.
type SessionRequest struct {
	LDContext        string             `json:"@context"`
	Context          *Int               `json:"context,omitempty"`         // server: always 1
	Nonce            *Int               `json:"nonce,omitempty"`           // server: fresh 128 bits
	ProtocolVersion  *Version           `json:"protocolVersion,omitempty"` // server: as negotiated
	Revocation       RevocationRequests `json:"revocation,omitempty"`
	LegacyType       Action             `json:"type,omitempty"`    // of a request without @context
	DevMode          bool               `json:"devMode,omitempty"` // server: not in production
	ClientReturnURL  string             `json:"clientReturnUrl,omitempty"`
	AugmentReturnURL bool               `json:"augmentReturnUrl,omitempty"`
	Host             string             `json:"host,omitempty"` // host[:port] of the session pointer

	Disclose        ConDisCon                `json:"disclose,omitempty"`
	Labels          map[int]TranslatedString `json:"labels,omitempty"` // by index in Disclose
	SkipExpiryCheck []CredentialTypeID       `json:"skipExpiryCheck,omitempty"`

	Message     string              `json:"message,omitempty"`     // signatures
	Credentials []CredentialRequest `json:"credentials,omitempty"` // issuance
}

// CredentialRequest asks the server to issue one credential.
type CredentialRequest struct {
	Validity            Timestamp         `json:"validity,omitempty"`   // expiry; zero means six months from now
	KeyCounter          uint              `json:"keyCounter,omitempty"` // server: the issuer's newest key
	CredentialTypeID    CredentialTypeID  `json:"credential"`
	Attributes          map[string]string `json:"attributes"` // by attribute name; optional ones may be left out
	RevocationKey       string            `json:"revocationKey,omitempty"`
	RevocationSupported bool              `json:"revocationSupported,omitempty"` // server
	RandomblindIDs      []string          `json:"randomblindIDs,omitempty"`      // server
	SDJWTBatchSize      uint              `json:"sdJwtBatchSize,omitempty"`
}

// RevocationRequests lists the credential types of which the wallet must prove
// non-revocation. It is read from a list of identifiers or a map, and written
// as a map.
type RevocationRequests map[CredentialTypeID]RevocationRequest

// RevocationRequest is a requestor's demand on a non-revocation proof.
type RevocationRequest struct {
	Tolerance uint64                     `json:"tolerance,omitempty"` // seconds; zero means the server's setting
	Updates   map[uint]*RevocationUpdate `json:"updates,omitempty"`   // server: by number of the issuer's key
}

// ExtendedRequest is a session request with the settings that stay at the
// server.
type ExtendedRequest struct {
	Validity    int             `json:"validity,omitempty"` // of result JWTs in seconds; zero means 120
	Timeout     int             `json:"timeout,omitempty"`  // seconds to wait for a wallet; zero means the server's session lifetime
	CallbackURL string          `json:"callbackUrl,omitempty"`
	NextSession *NextSession    `json:"nextSession,omitempty"`
	Request     *SessionRequest `json:"request"`

	// UnknownKeys has the JSON paths of members that ParseRequest ignored
	// because it does not know them, at most 20. Worth a warning.
	UnknownKeys []string `json:"-"`
}

// NextSession names the endpoint that supplies the follow-up session.
type NextSession struct {
	URL string `json:"url"`
}

// Request is what StartSession accepts: a *SessionRequest or an
// *ExtendedRequest.
type Request interface {
	// Extended returns the request in its extended form; a bare request is
	// wrapped without being copied.
	Extended() *ExtendedRequest
}

// Extended implements Request.
func (r *SessionRequest) Extended() *ExtendedRequest { return &ExtendedRequest{Request: r} }

// Extended implements Request.
func (r *ExtendedRequest) Extended() *ExtendedRequest { return r }

// Action returns what the session does, or "" for an unknown LDContext.
func (r *SessionRequest) Action() Action {
	switch r.LDContext {
	case ContextDisclosureRequest:
		return Disclosing
	case ContextSignatureRequest:
		return Signing
	case ContextIssuanceRequest:
		return Issuing
	}
	return ""
}

// NewDisclosureRequest returns a request for the disclosure of these attributes,
// each of which is required.
func NewDisclosureRequest(attrs ...AttributeTypeID) *SessionRequest {
	return &SessionRequest{LDContext: ContextDisclosureRequest, Disclose: require(attrs)}
}

// NewSignatureRequest returns a request for a signature on message with these
// attributes, each of which is required.
func NewSignatureRequest(message string, attrs ...AttributeTypeID) *SessionRequest {
	return &SessionRequest{LDContext: ContextSignatureRequest, Message: message, Disclose: require(attrs)}
}

// NewIssuanceRequest returns a request to issue these credentials.
func NewIssuanceRequest(creds ...CredentialRequest) *SessionRequest {
	return &SessionRequest{LDContext: ContextIssuanceRequest, Credentials: creds}
}

func require(attrs []AttributeTypeID) ConDisCon {
	var out ConDisCon
	for _, attr := range attrs {
		out = append(out, DisCon{Con{{Type: attr}}})
	}
	return out
}
