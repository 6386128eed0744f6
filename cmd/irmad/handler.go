package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/openapi"
	"github.com/irmad/irmaserver/cmd/irmad/internal/route"
	"github.com/irmad/irmaserver/irma"
)

// router finds the handler of a request by its path, below the prefix (spec 02
// §1). What a handler is nil for is not found.
type router struct {
	prefix     string
	wallets    http.Handler // and frontends
	requestors http.Handler
	openapi    http.Handler // described to requestors; set along with requestors
	files      http.Handler // for what is none of the above
	filePrefix string       // below prefix too
}

// newRouter returns all endpoints, below the prefix.
func newRouter(server *irmaserver.Server, prefix string) *router {
	return &router{prefix: prefix, wallets: server.Handler(), requestors: server.RequestorHandler(), openapi: openapi.Handler(prefix)}
}

// ServeHTTP implements http.Handler.
func (h *router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.Path, h.prefix)
	switch {
	case below && nested(path):
		refuse(w, irma.ErrNotFound)
	case below && h.wallets != nil && strings.HasPrefix(path, "irma/"):
		h.wallets.ServeHTTP(w, r)
	case below && isForRequestors(path) && h.requestors == nil:
		refuse(w, irma.ErrNotFound.With("this port is for wallets and frontends; requestors use the other one")) // and no file takes its place
	case below && path == "health":
		health(w, r)
	case below && path == "openapi.json":
		h.openapi.ServeHTTP(w, r)
	case below && isForRequestors(path):
		h.requestors.ServeHTTP(w, r)
	case h.files != nil && strings.HasPrefix(r.URL.Path, h.filePrefix):
		h.files.ServeHTTP(w, r)
	default:
		refuse(w, irma.ErrNotFound.Withf("no endpoint has this path; %sopenapi.json lists those that there are", h.prefix))
	}
}

// nested reports whether a path has an endpoint below something else than our
// prefix. The handlers of the library would serve it, since they are mounted
// anywhere; limits and metrics go by the path, so each endpoint has one.
func nested(path string) bool {
	if strings.HasPrefix(path, "session/") && (strings.HasSuffix(path, "/session") || strings.HasSuffix(path, "/publickey")) {
		return true
	}
	path = "/" + strings.TrimPrefix(path, "irma/")
	return strings.LastIndex(path, "/session/") > 0
}

func isForRequestors(path string) bool {
	return path == "session" || strings.HasPrefix(path, "session/") || path == "publickey" || path == "health" || path == "openapi.json"
}

// health tells load balancers that the process serves.
func health(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		refuse(w, irma.ErrMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	protect(w)
	_, _ = io.WriteString(w, "OK")
}

func refuse(w http.ResponseWriter, problem *irma.Error) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	protect(w)
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(problem)
}

// protect sets the headers that all answers but files have: nobody keeps them or
// takes them for something else.
func protect(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}

// secret is what may be a token or part of a JWT.
var secret = cli.Pattern(`[a-zA-Z0-9_-]{20,}`)

// pathForLogs returns the name of an endpoint, and of other paths what cannot give
// access to anything.
func pathForLogs(path, prefix string) string {
	if name := route.Of(path, prefix); name != route.Other {
		return prefix + name
	}
	return secret().ReplaceAllString(path, "{redacted}")
}

// logRequests logs every request without what gives access to its session.
func logRequests(next http.Handler, prefix string, log *zap.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		log.Debug("request",
			zap.String("method", r.Method),
			zap.String("path", pathForLogs(r.URL.Path, prefix)),
			zap.Int("status", recorder.status),
			zap.Duration("duration", time.Since(start)))
	})
}

// statusRecorder remembers the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
