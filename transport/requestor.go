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

// Sessions is what requestors can do. Results are complete JSON bodies.
type Sessions interface {
	StartSessionFor(ctx context.Context, requestor string, request irma.Request) (*irma.SessionPackage, error)
	CancelSession(ctx context.Context, token irma.RequestorToken) error
	Status(ctx context.Context, token irma.RequestorToken) (irma.Status, error)
	Result(ctx context.Context, token irma.RequestorToken) (json.RawMessage, error)
	Events(ctx context.Context, token irma.RequestorToken) (Stream, error)
}

// Signed gives results that are signed by the server.
type Signed interface {
	ResultJWT(ctx context.Context, token irma.RequestorToken) (string, error)
	ProofJWT(ctx context.Context, token irma.RequestorToken) (string, error)
	PublicKeyPEM() ([]byte, error)
}

// Authenticator decides who sends a session request, and whether that requestor
// may have the session. body is the complete body of the request, which
// Authenticate does not read itself. An error that is an irma.Error is the
// answer; the requestor is the one whose key verified.
type Authenticator interface {
	Authenticate(r *http.Request, body []byte) (requestor string, request *irma.ExtendedRequest, err error)
}

// HeaderChecker is what an Authenticator may also be: CheckHeader returns the
// error of Authenticate for requests that are refused whatever their body is, so
// that strangers do not have theirs read. Nil says nothing.
type HeaderChecker interface {
	CheckHeader(header http.Header) error
}

// CheckHeader asks the Authenticator if it is a HeaderChecker.
func CheckHeader(by Authenticator, header http.Header) error {
	if checker, ok := by.(HeaderChecker); ok {
		return checker.CheckHeader(header)
	}
	return nil
}

// RequestorConfig configures NewRequestor. Sessions and Signed are required; a
// nil Logger is silent.
type RequestorConfig struct {
	Sessions Sessions
	Signed   Signed
	Auth     Authenticator // nil takes requests from anybody, as JSON
	NoEvents bool          // answers requests for event streams with irma.ErrSSEDisabled
	Logger   *zap.Logger
}

type requestor struct {
	RequestorConfig
	*mux
}

// NewRequestor returns the handler for requestors (spec 02): POST session, what
// is below session/{requestorToken}, and publickey, under any prefix. Requestors
// authenticate when they start a session; later the token of the session is
// what gives access to it.
func NewRequestor(cfg RequestorConfig) http.Handler {
	if cfg.Auth == nil {
		cfg.Auth = anybody{}
	}
	q := &requestor{RequestorConfig: cfg, mux: newMux(cfg.Logger)}
	q.fixed = []string{"/session", "/publickey"}
	q.unmatched = func(r *http.Request, _ httprouter.Params, _ string, known bool) error {
		if known {
			return q.otherMethod(r)
		}
		return irma.ErrNotFound.With("no endpoint has this path: sessions start with POST session, and are then below session/TOKEN")
	}
	q.handle(http.MethodPost, "/session", q.start)
	q.handle(http.MethodPost, "/session/", q.start)
	const session = "/session/:token"
	q.session(http.MethodDelete, session, q.cancel)
	q.session(http.MethodDelete, session+"/", q.cancel)
	q.session(http.MethodGet, session+"/status", q.status)
	q.session(http.MethodGet, session+"/statusevents", q.statusEvents)
	q.session(http.MethodGet, session+"/result", q.result)
	q.session(http.MethodGet, session+"/result-jwt", q.jwt(cfg.Signed.ResultJWT))
	q.session(http.MethodGet, session+"/getproof", q.jwt(cfg.Signed.ProofJWT))
	q.handle(http.MethodGet, "/publickey", q.publicKey)
	return q
}

func (q *requestor) session(method, path string, h func(http.ResponseWriter, *http.Request, irma.RequestorToken) error) {
	q.handle(method, path, func(w http.ResponseWriter, r *http.Request, params httprouter.Params) error {
		token := params.ByName("token")
		if !isToken(token) {
			return irma.ErrInvalidRequest.With("string did not pass input validation for requestorToken: it has 20 letters and digits, as in the answer to POST session")
		}
		return known(h(w, r, irma.RequestorToken(token)))
	})
}

// known says more about a token of no session.
func known(err error) error {
	if refusal := irma.AsError(err); refusal != nil && refusal.Is(irma.ErrSessionUnknown) && refusal.Message == "" {
		return refusal.With("no session has this token: it is not the token of the answer to POST session, or it is too long ago that the session ended")
	}
	return err
}

func (q *requestor) start(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	if err := CheckHeader(q.Auth, r.Header); err != nil {
		dropBody(w, r)
		return err
	}
	body, err := q.readBody(w, r, maxBody, irma.ErrInvalidRequest)
	if err != nil {
		return err
	}
	name, request, err := q.Auth.Authenticate(r, body)
	if err != nil {
		return err
	}
	for _, key := range request.UnknownKeys {
		q.log.Warn("session request has an unknown key", zap.String("path", key), zap.String("requestor", name))
	}
	session, err := q.Sessions.StartSessionFor(r.Context(), name, request)
	return answer(w, session, err)
}

// dropBody lets an answer go out before the body has come. In HTTP/1 the connection
// ends with it. In HTTP/2 only the stream does: to end the connection would cost the
// other requests on it, and some clients the answer.
func dropBody(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
}

// anybody is the Authenticator of a server that does not authenticate
// requestors: it takes JSON requests without authentication (spec 02 §2).
type anybody struct{}

// Authenticate implements Authenticator.
func (a anybody) Authenticate(r *http.Request, body []byte) (string, *irma.ExtendedRequest, error) {
	if err := a.CheckHeader(r.Header); err != nil {
		return "", nil, err
	}
	request, err := irma.ParseRequest(body)
	return "", request, err
}

// CheckHeader implements HeaderChecker.
func (anybody) CheckHeader(header http.Header) error {
	contentType := header.Get("Content-Type")
	isJSON := strings.HasPrefix(contentType, "application/json")
	switch {
	case !isJSON && !strings.HasPrefix(contentType, "text/plain"):
		return irma.ErrInvalidRequest.Withf("Unsupported Content-Type: %.100s; send the session request as application/json", contentType)
	case !isJSON:
		return irma.ErrInvalidRequest.With("request could not be authenticated: this server does not authenticate requestors, send the session request as application/json instead of text/plain")
	case header.Get("Authorization") != "":
		return irma.ErrInvalidRequest.With("request could not be authenticated: this server does not authenticate requestors, leave out the Authorization header")
	}
	return nil
}

func (q *requestor) cancel(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	if err := q.Sessions.CancelSession(r.Context(), token); err != nil {
		return err
	}
	writeHead(w, http.StatusOK)
	return nil
}

func (q *requestor) status(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	status, err := q.Sessions.Status(r.Context(), token)
	return answer(w, status, err)
}

func (q *requestor) statusEvents(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	stream, err := q.Sessions.Events(r.Context(), token)
	switch {
	case err != nil:
		return err
	case q.NoEvents:
		return irma.ErrSSEDisabled
	}
	return q.serveEvents(w, r, stream, requestorEvent)
}

func (q *requestor) result(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	result, err := q.Sessions.Result(r.Context(), token)
	return answerRaw(w, result, err)
}

// jwt answers with a signed result.
func (q *requestor) jwt(sign func(context.Context, irma.RequestorToken) (string, error)) func(http.ResponseWriter, *http.Request, irma.RequestorToken) error {
	return func(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
		signed, err := sign(r.Context(), token)
		if err != nil {
			return err
		}
		writeBody(w, http.StatusOK, "text/plain", []byte(signed))
		return nil
	}
}

func (q *requestor) publicKey(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) error {
	pem, err := q.Signed.PublicKeyPEM()
	if err != nil {
		return err
	}
	writeBody(w, http.StatusOK, "text/plain; charset=utf-8", pem)
	return nil
}
