package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// verified is the content of a JWT after all of spec 02 §4.2.
type verified struct {
	claims  *jwt.Claims
	payload []byte
}

// methods has the method of each algorithm. A requestor is looked for only
// among those of the method, and its key is of the algorithm of its method, so
// no key is ever used with another algorithm than its own.
var methods = map[string]Method{jwt.HS256: HMAC, jwt.RS256: PublicKey}

func (a *Authenticator) identifyJWT(body []byte) (proof, error) {
	token, err := jwt.Parse(body)
	if errors.Is(err, jwt.ErrKeyID) {
		return proof{}, irma.ErrInvalidRequest.With("requestor name was not a string")
	}
	if err != nil {
		return proof{}, notAuthenticated(err.Error())
	}
	method, known := methods[token.Algorithm]
	if !known {
		return proof{}, notAuthenticated(fmt.Sprintf("the JWT has algorithm %.40q, expected HS256 or RS256", token.Algorithm))
	}
	claims, err := token.Claims()
	if err != nil {
		return proof{}, notAuthenticated(err.Error())
	}
	name := claims.Issuer
	if token.HasKeyID {
		name = token.KeyID
	}
	who := a.find(name, method)
	if who == nil {
		return proof{}, irma.ErrInvalidRequest.Withf("Unknown requestor: %.100s; iss (or kid) must be the name of a requestor that signs with %s", name, token.Algorithm)
	}
	payload, err := token.Verify(who.key)
	if err != nil {
		return proof{}, irma.ErrInvalidRequest.With(badSignature[method])
	}
	if err := a.checkTimes(claims); err != nil {
		return proof{}, err
	}
	return proof{who, &verified{claims, payload}}, nil
}

// badSignature has the texts by which requestors recognise a wrong key.
var badSignature = map[Method]string{
	HMAC:      "signature is invalid: sign with the bytes that the requestor's key stands for in base64",
	PublicKey: "crypto/rsa: verification error: sign with the private key that belongs to the requestor's public key",
}

// find returns the requestor of this method with the name or alias, or nil.
func (a *Authenticator) find(name string, method Method) *account {
	who := a.byName[name]
	if who == nil {
		who = a.byAlias[name]
	}
	if who == nil || who.method != method {
		return nil
	}
	return who
}

// checkTimes checks the claims about time, without leeway. A JWT without iat is
// as old as it can be.
func (a *Authenticator) checkTimes(c *jwt.Claims) error {
	now := a.now()
	issued := c.IssuedAt.Truncate(time.Second) // others know whole seconds only
	switch {
	case !c.Expiry.IsZero() && !now.Before(c.Expiry):
		return irma.ErrInvalidRequest.Withf("token is expired by %s: make a new one for each session", now.Sub(c.Expiry).Truncate(time.Second))
	case issued.After(now):
		return irma.ErrInvalidRequest.Withf("token used before issued: its iat is %s ahead of this server's clock", ceil(issued.Sub(now)))
	case c.NotBefore.After(now):
		return irma.ErrInvalidRequest.Withf("token is not valid yet: its nbf is %s ahead of this server's clock", ceil(c.NotBefore.Sub(now)))
	case c.IssuedAt.IsZero():
		return irma.ErrUnauthorized.With("jwt too old: it has no iat, the time in seconds at which it was made")
	case now.After(issued.Add(a.maxAge)):
		return irma.ErrUnauthorized.Withf("jwt too old: its iat is %s ago, accepted is %s", now.Sub(issued).Truncate(time.Second), a.maxAge)
	}
	return nil
}

func ceil(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// kind is what a JWT with some sub holds.
type kind struct {
	action  irma.Action
	claim   string
	context string // of the session request in it
}

var (
	disclosureKind = kind{irma.Disclosing, "sprequest", irma.ContextDisclosureRequest}
	signatureKind  = kind{irma.Signing, "absrequest", irma.ContextSignatureRequest}
	issuanceKind   = kind{irma.Issuing, "iprequest", irma.ContextIssuanceRequest}
)

// kinds has the kind by sub (spec 02 §4.3).
var kinds = map[string]kind{
	"verification_request": disclosureKind, "disclosing": disclosureKind,
	"signature_request": signatureKind, "signing": signatureKind,
	"issue_request": issuanceKind, "issuing": issuanceKind,
}

// request reads the session request from the claim that goes with sub.
func (v *verified) request() (*irma.ExtendedRequest, error) {
	k, known := kinds[v.claims.Subject]
	if !known {
		return nil, irma.ErrInvalidRequest.With("Invalid session type: sub must be verification_request, signature_request or issue_request")
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(v.payload, &all); err != nil {
		return nil, notAuthenticated("the payload of the JWT is not a JSON object")
	}
	request, err := irma.ParseExtendedRequest(all[k.claim], k.action)
	if err != nil {
		return nil, k.explain(irma.AsError(err), all)
	}
	return request, nil
}
