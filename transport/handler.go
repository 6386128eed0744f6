package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/julienschmidt/httprouter"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/irma"
)

// maxBody is the largest body that is read, in bytes. The largest honest one
// is a few hundred kilobytes.
const maxBody = 10 << 20

// smallBody is what nearly all bodies fit in. All larger ones together have the
// largeRoom, so that senders who take their time occupy a bounded amount of memory.
const (
	usualBody = 8 << 10
	smallBody = 64 << 10
	largeRoom = 256 << 20 // for 16 of the largest
)

// methods are those that any route uses.
var methods = [...]string{http.MethodGet, http.MethodPost, http.MethodDelete}

// handler answers a request or returns the error to answer with.
type handler func(w http.ResponseWriter, r *http.Request, params httprouter.Params) error

// mux finds the handler of a request by the part of its path from the last
// "/session/" or "/session" on, so that it works under any prefix.
type mux struct {
	router *httprouter.Router
	log    *zap.Logger
	large  room     // for bodies that are being read
	fixed  []string // paths without a token, found under any prefix too

	// unmatched answers when there is no handler for the request's method and
	// path. known tells whether there is one for another method.
	unmatched func(r *http.Request, params httprouter.Params, path string, known bool) error
}

func newMux(log *zap.Logger) *mux {
	if log == nil {
		log = zap.NewNop()
	}
	m := &mux{router: httprouter.New(), log: log}
	m.large.give(largeRoom)
	return m
}

func (m *mux) handle(method, path string, h handler) {
	m.router.Handle(method, path, func(w http.ResponseWriter, r *http.Request, params httprouter.Params) {
		if err := h(w, r, params); err != nil {
			m.fail(w, r, err)
		}
	})
}

// ServeHTTP implements http.Handler. It does not use httprouter's own dispatch
// because that redirects between spellings of a path, which wallets do not
// follow.
func (m *mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer m.recover(w, r)
	path := m.below(r.URL.Path)
	if handle, params, _ := m.router.Lookup(r.Method, path); handle != nil {
		handle(w, r, params)
		return
	}
	m.fail(w, r, m.missing(r, path))
}

func (m *mux) missing(r *http.Request, path string) error {
	for _, method := range methods {
		if handle, params, _ := m.router.Lookup(method, path); handle != nil {
			return m.unmatched(r, params, path, true)
		}
	}
	return m.unmatched(r, nil, path, false)
}

// otherMethod is the error for a path that has a handler for other methods.
func (m *mux) otherMethod(r *http.Request) error {
	return irma.ErrMethodNotAllowed.Withf("this path does not take %.20s but %s", r.Method, strings.Join(m.allowed(r), " or "))
}

// allowed returns the methods that the path takes.
func (m *mux) allowed(r *http.Request) []string {
	var out []string
	for _, method := range methods {
		if handle, _, _ := m.router.Lookup(method, m.below(r.URL.Path)); handle != nil {
			out = append(out, method)
		}
	}
	return out
}

// recover answers a panic, which is a mistake of ours, with an internal error.
func (m *mux) recover(w http.ResponseWriter, r *http.Request) {
	problem := recover()
	if problem == nil {
		return
	}
	if err, ok := problem.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(problem)
	}
	m.tellPanic("handler panicked", problem)
	m.fail(w, r, irma.ErrInternal)
}

// tellPanic logs a panic with the place of it, and without session tokens.
func (m *mux) tellPanic(message string, problem any) {
	m.log.Error(message, zap.String("panic", caught.Text(problem)), zap.ByteString("stack", caught.Stack(problem)))
}

// below returns the path without the prefix that the handler is mounted under.
// Tokens hold no slash, so the last "/session/" is ours, unless the path ends in one
// of the fixed ones.
func (m *mux) below(path string) string {
	for _, route := range m.fixed {
		if strings.HasSuffix(path, route) {
			return route
		}
	}
	if i := strings.LastIndex(path, "/session/"); i >= 0 {
		return path[i:]
	}
	return path
}

// fail is the one place where errors become answers. An error that is not an
// irma.Error is ours: it is logged and its text kept from the client.
func (m *mux) fail(w http.ResponseWriter, r *http.Request, err error) {
	public := irma.AsError(err)
	if public == nil {
		public = irma.ErrInternal
	}
	switch {
	case r.Context().Err() != nil:
		m.log.Debug("client is gone", zap.String("method", r.Method), zap.String("route", m.route(r)))
	case public.Is(irma.ErrSSEDisabled), public.Is(irma.ErrUnsupported): // as configured
	case public.Status == http.StatusServiceUnavailable: // one of many, when there are too many
		m.log.Warn("request refused", zap.String("method", r.Method), zap.String("route", m.route(r)), zap.Error(err))
	case public.Status >= http.StatusInternalServerError:
		m.log.Error("request failed", zap.String("method", r.Method), zap.String("route", m.route(r)), zap.Int("status", public.Status), zap.Error(err))
	default: // not why, which can quote what was sent
		if line := m.log.Check(zap.DebugLevel, "request refused"); line != nil {
			line.Write(zap.String("method", r.Method), zap.String("route", m.route(r)), zap.Int("status", public.Status), zap.String("error", string(public.Name)))
		}
	}
	if public.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(public.Retry.Seconds())))))
	}
	if public.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", strings.Join(m.allowed(r), ", "))
	}
	writeJSON(w, public.Status, public)
}

// route returns the path of a request for logs, with its token replaced. Of a path
// that has no handler nothing is told: it can be anything.
func (m *mux) route(r *http.Request) string {
	path := m.below(r.URL.Path)
	for _, method := range methods {
		if handle, params, _ := m.router.Lookup(method, path); handle != nil {
			return strings.Replace(path, params.ByName("token"), ":token", min(1, len(params)))
		}
	}
	return "unknown"
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"status":500,"error":"INTERNAL_ERROR"}`)
	}
	writeRaw(w, status, body)
}

// marshal is json.Marshal without checking what a value of ours makes of itself.
func marshal(value any) ([]byte, error) {
	if own, ok := value.(json.Marshaler); ok {
		return own.MarshalJSON()
	}
	return json.Marshal(value)
}

func writeRaw(w http.ResponseWriter, status int, body []byte) {
	writeBody(w, status, "application/json; charset=UTF-8", body)
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	writeHead(w, status)
	_, _ = w.Write(body) // the client may have gone
}

// writeHead writes the head of an answer.
func writeHead(w http.ResponseWriter, status int) {
	header := w.Header()
	header.Set("Cache-Control", "no-store") // sessions concern one user and change
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
}

// answer writes an engine's answer, or returns its error.
func answer(w http.ResponseWriter, value any, err error) error {
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, value)
	return nil
}

// readBody reads the whole body, of so many bytes at most. A failure is an instance
// of kind, except that too many large bodies at once are irma.ErrUnavailable.
func (m *mux) readBody(w http.ResponseWriter, r *http.Request, most int64, kind *irma.Error) ([]byte, error) {
	body, err := m.readAll(http.MaxBytesReader(w, r.Body, most), r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errNoRoom):
		return nil, irma.ErrUnavailable.With("too many large requests at once")
	case errors.As(err, &tooLarge):
		return nil, kind.Withf("http: request body too large; at most %d bytes are read", most)
	case err != nil:
		return nil, kind.With("the request body could not be read completely")
	}
	return body, nil
}

// readAll is io.ReadAll with room for as many bytes as are announced, up to what
// most bodies have: an announcement is no reason to set much memory aside. A large
// body takes of the room for those as it comes, so that who sends slowly leaves it
// to others.
func (m *mux) readAll(from io.Reader, announced int64) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(int(min(max(announced, 0), usualBody)) + bytes.MinRead)
	_, err := out.ReadFrom(io.LimitReader(from, smallBody))
	var taken int64
	defer func() { m.large.give(taken) }()
	for length := int64(smallBody); err == nil && int64(out.Len()) == length; length *= 2 {
		if !m.large.take(length) {
			return nil, errNoRoom
		}
		taken += length
		_, err = out.ReadFrom(io.LimitReader(from, length))
	}
	return out.Bytes(), err
}

// isToken reports whether text has the form of a session token.
func isToken(text string) bool {
	if len(text) != 20 {
		return false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
