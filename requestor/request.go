package requestor

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// claims is the payload of a JWT with a session request (spec 02 §4.3). One of
// the requests is set.
type claims struct {
	Subject    string                `json:"sub"`
	Issuer     string                `json:"iss"`
	IssuedAt   int64                 `json:"iat"`
	ID         string                `json:"jti,omitempty"`
	Disclosure *irma.ExtendedRequest `json:"sprequest,omitempty"`
	Signature  *irma.ExtendedRequest `json:"absrequest,omitempty"`
	Issuance   *irma.ExtendedRequest `json:"iprequest,omitempty"`
}

// Sign returns the request as a JWT, which whoever has it can post to the server
// as text/plain. Servers take it for some minutes after now, and as often as it
// comes. Client.StartSession signs by itself, and so that a JWT counts once.
func (a Auth) Sign(request irma.Request, now time.Time) (string, error) {
	return a.signed(request, claims{IssuedAt: now.Unix()})
}

func (a Auth) signed(request irma.Request, c claims) (string, error) {
	if a.sign == nil {
		return "", fmt.Errorf("authentication method %s does not sign requests", a)
	}
	extended, err := complete(request)
	if err != nil {
		return "", err
	}
	c.Issuer = a.name
	switch extended.Request.Action() {
	case irma.Disclosing:
		c.Subject, c.Disclosure = "verification_request", extended
	case irma.Signing:
		c.Subject, c.Signature = "signature_request", extended
	case irma.Issuing:
		c.Subject, c.Issuance = "issue_request", extended
	}
	payload, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encoding request: %w", err)
	}
	return a.sign(payload)
}

// complete returns the extended form of a request that has something in it.
func complete(request irma.Request) (*irma.ExtendedRequest, error) {
	if request == nil {
		return nil, errors.New("there is no session request")
	}
	extended := request.Extended()
	if extended == nil || extended.Request == nil || extended.Request.Action() == "" {
		return nil, errors.New("the session request is neither a disclosure, a signature nor an issuance")
	}
	return extended, nil
}

// message returns the body of a request to start a session. A JWT in it is
// accepted once by servers that remember what they have seen.
func (a Auth) message(request irma.Request, now time.Time) (message, error) {
	if a.sign != nil {
		token, err := a.signed(request, claims{IssuedAt: now.Unix(), ID: rand.Text()})
		return message{contentType: "text/plain; charset=UTF-8", body: []byte(token)}, err
	}
	extended, err := complete(request)
	if err != nil {
		return message{}, err
	}
	body, err := json.Marshal(extended)
	if err != nil {
		return message{}, fmt.Errorf("encoding request: %w", err)
	}
	return message{contentType: "application/json; charset=UTF-8", authorization: a.token, body: body}, nil
}
