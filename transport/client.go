package transport

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/julienschmidt/httprouter"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
)

// Call is what every request of a wallet or frontend brings. Nothing in it has
// been checked but the form of the token.
type Call struct {
	Token         irma.ClientToken
	Host          string // the Host header
	Authorization string // the Authorization header
}

// Hello is what a wallet's first request says of the protocol versions that it
// speaks, as found in the headers.
type Hello struct {
	MinVersion string
	MaxVersion string
}

// Body reads the body of a request. It is called at most once, and not for a
// request that is refused anyway.
type Body func() ([]byte, error)

// Wallet is what wallets can do. Answers are complete JSON bodies, since a
// repeated message is answered with the same bytes. Errors that are irma.Errors
// are shown to the wallet.
type Wallet interface {
	Connect(ctx context.Context, call Call, hello Hello) (json.RawMessage, error)
	Request(ctx context.Context, call Call) (json.RawMessage, error)
	Proofs(ctx context.Context, call Call, body Body) (json.RawMessage, error)
	Commitments(ctx context.Context, call Call, body Body) (json.RawMessage, error)
	Status(ctx context.Context, call Call) (irma.Status, error)
	Events(ctx context.Context, call Call) (Stream, error)
	Cancel(ctx context.Context, call Call) error
}

// Frontend is what frontends can do. Each method checks the session, its host
// and the frontend authorization first; Authorize does only that, and Events
// does without an authorization if there is none.
type Frontend interface {
	Authorize(ctx context.Context, call Call) error
	Status(ctx context.Context, call Call) (*irma.FrontendStatus, error)
	Events(ctx context.Context, call Call) (Stream, error)
	SetOptions(ctx context.Context, call Call, body []byte) (*irma.SessionOptions, error)
	CompletePairing(ctx context.Context, call Call) error
}

// Static starts static sessions.
type Static interface {
	StartStatic(ctx context.Context, name string) (*irma.SessionPointer, error)
}

// ClientConfig configures NewClient. Wallet, Frontend and Static are required;
// a nil Logger is silent.
type ClientConfig struct {
	Wallet   Wallet
	Frontend Frontend
	Static   Static
	NoEvents bool // answers requests for event streams with irma.ErrSSEDisabled
	Logger   *zap.Logger
}

// maxOptions is the largest body with a frontend's options, in bytes. It is read from
// anybody, and the honest ones are about a hundred bytes long.
const maxOptions = usualBody

type client struct {
	ClientConfig
	*mux
}

// NewClient returns the handler for wallets and frontends (spec 03 and 04):
// session/{clientToken} and what is below, under any prefix.
func NewClient(cfg ClientConfig) http.Handler {
	c := &client{ClientConfig: cfg, mux: newMux(cfg.Logger)}
	c.unmatched = c.explain
	const session = "/session/:token"
	c.handle(http.MethodPost, session, c.static)
	for _, path := range []string{session, session + "/"} { // wallets use the slash
		c.call(http.MethodGet, path, c.connect)
		c.call(http.MethodDelete, path, c.cancel)
	}
	c.call(http.MethodGet, session+"/request", c.request)
	c.call(http.MethodPost, session+"/proofs", c.post(cfg.Wallet.Proofs))
	c.call(http.MethodPost, session+"/commitments", c.post(cfg.Wallet.Commitments))
	c.call(http.MethodGet, session+"/status", c.status)
	c.call(http.MethodGet, session+"/statusevents", c.statusEvents)
	c.call(http.MethodGet, session+"/frontend/status", c.frontendStatus)
	c.call(http.MethodGet, session+"/frontend/statusevents", c.frontendEvents)
	c.call(http.MethodPost, session+"/frontend/options", c.options)
	c.call(http.MethodPost, session+"/frontend/pairingcompleted", c.pairingCompleted)
	return c
}

// call registers a handler of requests that are about a session.
func (c *client) call(method, path string, h func(http.ResponseWriter, *http.Request, Call) error) {
	c.handle(method, path, func(w http.ResponseWriter, r *http.Request, params httprouter.Params) error {
		call, err := newCall(r, params)
		if err != nil {
			return err
		}
		return h(w, r, call)
	})
}

func newCall(r *http.Request, params httprouter.Params) (Call, error) {
	token := params.ByName("token")
	if !isToken(token) {
		return Call{}, irma.ErrInvalidRequest.With("string did not pass input validation for clientToken")
	}
	return Call{Token: irma.ClientToken(token), Host: r.Host, Authorization: r.Header.Get("Authorization")}, nil
}

// explain answers a request that no handler matches. Below a session the
// session's own checks come first (spec 03 §1, 04 §2).
func (c *client) explain(r *http.Request, params httprouter.Params, path string, known bool) error {
	token, below, nested := strings.Cut(strings.TrimPrefix(path, "/session/"), "/")
	if params == nil {
		params = httprouter.Params{{Key: "token", Value: token}}
	}
	if frontend := nested && strings.HasPrefix(below, "frontend/"); known || frontend {
		call, err := newCall(r, params)
		if err != nil {
			return err
		}
		if frontend {
			err = c.Frontend.Authorize(r.Context(), call)
		} else {
			_, err = c.Wallet.Status(r.Context(), call)
		}
		if err != nil {
			return err
		}
	}
	if known {
		return irma.ErrMethodNotAllowed
	}
	return irma.ErrNotFound
}

func (c *client) static(w http.ResponseWriter, r *http.Request, params httprouter.Params) error {
	pointer, err := c.Static.StartStatic(r.Context(), params.ByName("token"))
	return answer(w, pointer, err)
}

func (c *client) connect(w http.ResponseWriter, r *http.Request, call Call) error {
	hello := Hello{
		MinVersion: r.Header.Get("X-IRMA-MinProtocolVersion"),
		MaxVersion: r.Header.Get("X-IRMA-MaxProtocolVersion"),
	}
	body, err := c.Wallet.Connect(r.Context(), call, hello)
	return answerRaw(w, body, err)
}

func (c *client) request(w http.ResponseWriter, r *http.Request, call Call) error {
	body, err := c.Wallet.Request(r.Context(), call)
	return answerRaw(w, body, err)
}

// post hands a wallet's final message to act.
func (c *client) post(act func(context.Context, Call, Body) (json.RawMessage, error)) func(http.ResponseWriter, *http.Request, Call) error {
	return func(w http.ResponseWriter, r *http.Request, call Call) error {
		out, err := act(r.Context(), call, func() ([]byte, error) { return c.readBody(w, r, maxBody, irma.ErrMalformedInput) })
		return answerRaw(w, out, err)
	}
}

func (c *client) status(w http.ResponseWriter, r *http.Request, call Call) error {
	status, err := c.Wallet.Status(r.Context(), call)
	return answer(w, status, err)
}

func (c *client) cancel(w http.ResponseWriter, r *http.Request, call Call) error {
	if err := c.Wallet.Cancel(r.Context(), call); err != nil {
		return err
	}
	writeHead(w, http.StatusOK)
	return nil
}

func (c *client) statusEvents(w http.ResponseWriter, r *http.Request, call Call) error {
	stream, err := c.Wallet.Events(r.Context(), call)
	switch {
	case err != nil:
		return err
	case c.NoEvents:
		return irma.ErrSSEDisabled
	}
	return c.serveEvents(w, r, stream, clientEvent)
}

func (c *client) frontendEvents(w http.ResponseWriter, r *http.Request, call Call) error {
	stream, err := c.Frontend.Events(r.Context(), call)
	switch {
	case err != nil:
		return err
	case c.NoEvents:
		return irma.ErrSSEDisabled
	case call.Authorization == "":
		return c.serveEvents(w, r, stream, anonymousEvent)
	}
	return c.serveEvents(w, r, stream, frontendEvent)
}

func (c *client) frontendStatus(w http.ResponseWriter, r *http.Request, call Call) error {
	status, err := c.Frontend.Status(r.Context(), call)
	return answer(w, status, err)
}

func (c *client) options(w http.ResponseWriter, r *http.Request, call Call) error {
	body, err := c.readBody(w, r, maxOptions, irma.ErrMalformedInput)
	if err != nil {
		return err
	}
	options, err := c.Frontend.SetOptions(r.Context(), call, body)
	return answer(w, options, err)
}

func (c *client) pairingCompleted(w http.ResponseWriter, r *http.Request, call Call) error {
	if err := c.Frontend.CompletePairing(r.Context(), call); err != nil {
		return err
	}
	writeHead(w, http.StatusNoContent)
	return nil
}

func answerRaw(w http.ResponseWriter, body json.RawMessage, err error) error {
	if err != nil {
		return err
	}
	writeRaw(w, http.StatusOK, body)
	return nil
}
