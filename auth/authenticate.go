package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// Authenticate returns the name of the requestor that sent this POST and the
// session request in it, which the requestor is allowed to make: Authorize has
// accepted it. Body is the whole body, of which the caller limits the size. The
// name is empty when NoAuth is set. Errors are *irma.Error, or wrap one beside the
// reason why Config.Replays could not be asked.
func (a *Authenticator) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	proof, err := a.identify(r.Header, body)
	if err != nil {
		return "", nil, err
	}
	request, err := proof.request(body)
	if err != nil {
		return "", nil, err
	}
	if err := a.Authorize(r.Context(), proof.who.name, request.Request); err != nil {
		return "", nil, err
	}
	if err := a.checkReplay(r.Context(), proof); err != nil {
		return "", nil, err
	}
	return proof.who.name, request, nil
}

// proof tells who sent a request, which has been verified.
type proof struct {
	who *account
	jwt *verified // nil when the body is the request itself
}

// request returns the session request in a verified body.
func (p proof) request(body []byte) (*irma.ExtendedRequest, error) {
	if p.jwt != nil {
		return p.jwt.request()
	}
	return irma.ParseRequest(body)
}

// CheckHeader refuses what Authenticate refuses whatever the body is, such as an
// unknown token: the body of that need not be read. Errors are *irma.Error.
func (a *Authenticator) CheckHeader(header http.Header) error {
	_, err := a.identifyHeader(header)
	return err
}

func (a *Authenticator) identify(header http.Header, body []byte) (proof, error) {
	who, err := a.identifyHeader(header)
	if err != nil || who != nil {
		return proof{who: who}, err
	}
	return a.identifyJWT(body)
}

// identifyHeader chooses the method by the headers alone (spec 02 §2). It
// returns nil if a JWT in the body tells who it is.
func (a *Authenticator) identifyHeader(header http.Header) (*account, error) {
	contentType, token := header.Get("Content-Type"), header.Get("Authorization")
	isJSON := strings.HasPrefix(contentType, "application/json")
	switch {
	case !isJSON && !strings.HasPrefix(contentType, "text/plain"):
		return nil, irma.ErrInvalidRequest.Withf("Unsupported Content-Type: %.100s; send a session request as application/json, a JWT as text/plain", contentType)
	case a.noAuth && token != "":
		return nil, notAuthenticated("this server does not authenticate requestors, leave out the Authorization header")
	case a.noAuth && !isJSON:
		return nil, notAuthenticated("this server does not authenticate requestors, send the session request as application/json instead of text/plain")
	case a.noAuth:
		return a.nameless, nil
	case isJSON && token == "":
		return nil, notAuthenticated("a session request in JSON needs an API token in the Authorization header; in a JWT, send it as text/plain")
	case isJSON:
		return a.identifyToken(token)
	case token != "":
		return nil, notAuthenticated("with an API token in the Authorization header, send the session request as application/json; in a JWT, leave out the header")
	}
	return nil, nil
}

func notAuthenticated(why string) error {
	return irma.ErrInvalidRequest.With("request could not be authenticated: " + why)
}

// identifyToken finds the requestor with this token. It looks for the digest of
// the token and compares all of it in constant time. How long the lookup takes
// can tell something of the digest, but nobody can find a token with a chosen
// digest; and it takes the same time with many requestors as with one.
func (a *Authenticator) identifyToken(token string) (*account, error) {
	if len(token) > maxToken {
		return nil, errNobody
	}
	digest := sha256.Sum256([]byte(token))
	who := a.byToken[digest]
	if who == nil || subtle.ConstantTimeCompare(who.token[:], digest[:]) != 1 {
		return nil, errNobody
	}
	return who, nil
}

var errNobody = irma.ErrUnauthorized.With("no requestor has this API token: the Authorization header must be the configured key and nothing else, without a word such as Bearer before it")
