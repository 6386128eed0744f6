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
	StartSession(ctx context.Context, request irma.Request) (*irma.SessionPackage, error)
	CancelSession(ctx context.Context, token irma.RequestorToken) error
	Status(ctx context.Context, token irma.RequestorToken) (irma.Status, error)
	Result(ctx context.Context, token irma.RequestorToken) (json.RawMessage, error)
	Events(ctx context.Context, token irma.RequestorToken) (Stream, error)
}

// RequestorConfig configures NewRequestor. Sessions is required; a nil Logger
// is silent.
type RequestorConfig struct {
	Sessions Sessions
	NoEvents bool // answers requests for event streams with irma.ErrSSEDisabled
	Logger   *zap.Logger
}

type requestor struct {
	RequestorConfig
	*mux
}

// NewRequestor returns the handler for requestors (spec 02): POST session and
// what is below session/{requestorToken}, under any prefix. It does not
// authenticate requestors: the token of a session is what gives access to it.
func NewRequestor(cfg RequestorConfig) http.Handler {
	q := &requestor{RequestorConfig: cfg, mux: newMux(cfg.Logger)}
	q.unmatched = func(_ *http.Request, _ httprouter.Params, _ string, known bool) error {
		if known {
			return irma.ErrMethodNotAllowed
		}
		return irma.ErrNotFound
	}
	q.handle(http.MethodPost, "/session", q.start)
	q.handle(http.MethodPost, "/session/", q.start)
	const session = "/session/:token"
	q.session(http.MethodDelete, session, q.cancel)
	q.session(http.MethodDelete, session+"/", q.cancel)
	q.session(http.MethodGet, session+"/status", q.status)
	q.session(http.MethodGet, session+"/statusevents", q.statusEvents)
	q.session(http.MethodGet, session+"/result", q.result)
	return q
}

func (q *requestor) session(method, path string, h func(http.ResponseWriter, *http.Request, irma.RequestorToken) error) {
	q.handle(method, path, func(w http.ResponseWriter, r *http.Request, params httprouter.Params) error {
		token := params.ByName("token")
		if !isToken(token) {
			return irma.ErrInvalidRequest.With("string did not pass input validation for requestorToken")
		}
		return h(w, r, irma.RequestorToken(token))
	})
}

func (q *requestor) start(w http.ResponseWriter, r *http.Request, _ httprouter.Params) error {
	if err := checkContentType(r); err != nil {
		return err
	}
	body, err := readBody(w, r, irma.ErrInvalidRequest)
	if err != nil {
		return err
	}
	request, err := irma.ParseRequest(body)
	if err != nil {
		return err
	}
	for _, key := range request.UnknownKeys {
		q.log.Warn("session request has an unknown key", zap.String("path", key))
	}
	session, err := q.Sessions.StartSession(r.Context(), request)
	return answer(w, session, err)
}

// checkContentType accepts a JSON request without authentication, the only kind
// that is handled here (spec 02 §2).
func checkContentType(r *http.Request) error {
	contentType := r.Header.Get("Content-Type")
	isJSON := strings.HasPrefix(contentType, "application/json")
	switch {
	case !isJSON && !strings.HasPrefix(contentType, "text/plain"):
		return irma.ErrInvalidRequest.Withf("Unsupported Content-Type: %s; send the session request as application/json", contentType)
	case !isJSON:
		return irma.ErrInvalidRequest.With("request could not be authenticated: this server does not authenticate requestors, send the session request as application/json instead of text/plain")
	case r.Header.Get("Authorization") != "":
		return irma.ErrInvalidRequest.With("request could not be authenticated: this server does not authenticate requestors, leave out the Authorization header")
	}
	return nil
}

func (q *requestor) cancel(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	if err := q.Sessions.CancelSession(r.Context(), token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
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
	return serveEvents(w, r, stream, requestorEvent)
}

func (q *requestor) result(w http.ResponseWriter, r *http.Request, token irma.RequestorToken) error {
	result, err := q.Sessions.Result(r.Context(), token)
	return answerRaw(w, result, err)
}
