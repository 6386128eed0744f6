package requestor

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// Client talks to the endpoints of a server that are for requestors. Its methods
// may be called from several goroutines at once; its fields must not be changed
// meanwhile.
type Client struct {
	// URL is where the server's endpoints for requestors begin, for example
	// "https://irma.example.com/"; "session" is appended.
	URL string

	// HTTPClient makes the requests. Nil means http.DefaultClient. Its Timeout,
	// if it has one, also ends event streams, after which statuses are polled.
	HTTPClient *http.Client

	// Auth proves to the server who the requestor is. The zero value proves
	// nothing, for servers that take requests from everybody.
	Auth Auth
}

// StartSession starts a session and returns what the requestor and its frontend
// need: the session pointer to show to the user, the token for asking the result,
// and the frontend's authorization.
func (c *Client) StartSession(ctx context.Context, request irma.Request) (*irma.SessionPackage, error) {
	m, err := c.Auth.message(request, time.Now())
	if err != nil {
		return nil, fmt.Errorf("starting session: %w", err)
	}
	answer, err := c.do(ctx, exchange{method: http.MethodPost, url: "session", message: m})
	if err != nil {
		return nil, fmt.Errorf("starting session: %w", err)
	}
	return ParsePackage(answer)
}

// ParsePackage reads the session package that a server answers when it starts a
// session. A package that went through other hands may lack all but its pointer.
func ParsePackage(data []byte) (*irma.SessionPackage, error) {
	pkg, err := decode[irma.SessionPackage](data)
	if err != nil {
		return nil, fmt.Errorf("session package: %w", err)
	}
	if pkg.SessionPtr.URL == "" || pkg.SessionPtr.Action == "" {
		return nil, errors.New(`session package: there is no "sessionPtr" with "u" and "irmaqr"`)
	}
	return pkg, nil
}

// Status returns the status of the session.
func (c *Client) Status(ctx context.Context, token irma.RequestorToken) (irma.Status, error) {
	return askStatus(ctx, c.HTTPClient, c.session(token))
}

// Result returns what is known of the session: of an unfinished one token, status
// and type, of a finished one the outcome too. Look at ProofStatus before using
// disclosed attributes: a session is DONE also when the wallet's proof was not
// valid.
//
// Disclosed has one list per disjunction of the request, also where the server
// answers with the flat form that belongs to requests without @context.
func (c *Client) Result(ctx context.Context, token irma.RequestorToken) (*irma.SessionResult, error) {
	answer, err := c.do(ctx, exchange{method: http.MethodGet, url: sessionPath(token) + "/result"})
	if err != nil {
		return nil, fmt.Errorf("asking result: %w", err)
	}
	return decodeResult(answer)
}

// ResultJWT returns the result as a JWT signed by the server, for whoever does
// not trust the requestor to tell it. A Verifier reads it.
func (c *Client) ResultJWT(ctx context.Context, token irma.RequestorToken) (string, error) {
	answer, err := c.do(ctx, exchange{method: http.MethodGet, url: sessionPath(token) + "/result-jwt"})
	if err != nil {
		return "", fmt.Errorf("asking signed result: %w", err)
	}
	return strings.TrimSpace(string(answer)), nil
}

// ServerKey returns the key with which results that the server signs are
// verified. It is as trustworthy as the connection: ask once over https, and keep
// it.
func (c *Client) ServerKey(ctx context.Context) (*rsa.PublicKey, error) {
	answer, err := c.do(ctx, exchange{method: http.MethodGet, url: "publickey"})
	if err != nil {
		return nil, fmt.Errorf("asking the server's public key: %w", err)
	}
	return jwt.ParseRSAPublicKey(answer)
}

// CancelSession ends the session with status CANCELLED. Cancelling a finished
// session changes nothing.
func (c *Client) CancelSession(ctx context.Context, token irma.RequestorToken) error {
	if _, err := c.do(ctx, exchange{method: http.MethodDelete, url: sessionPath(token)}); err != nil {
		return fmt.Errorf("cancelling session: %w", err)
	}
	return nil
}

func (c *Client) do(ctx context.Context, x exchange) ([]byte, error) {
	x.url = strings.TrimSuffix(c.URL, "/") + "/" + x.url
	return x.do(ctx, c.HTTPClient)
}

// session returns the URL below which the endpoints of a session are.
func (c *Client) session(token irma.RequestorToken) string {
	return strings.TrimSuffix(c.URL, "/") + "/" + sessionPath(token)
}

func sessionPath(token irma.RequestorToken) string {
	return "session/" + url.PathEscape(string(token))
}
