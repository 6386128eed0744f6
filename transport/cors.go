package transport

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// preflightAge is how long browsers may keep the answer to a preflight, in
// seconds. They cap it themselves.
const preflightAge = "7200"

// CORSConfig says which web pages may use a handler.
type CORSConfig struct {
	// AllowedOrigins are origins such as "https://example.com". Nil allows all;
	// empty but not nil allows none.
	AllowedOrigins []string
}

var (
	corsAnswered = []string{http.MethodGet, http.MethodPost, http.MethodDelete} // whose answers pages may read
	corsAsked    = []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions}
	corsHeaders  = []string{"Accept", "Authorization", "Content-Type", "Cache-Control", "Origin", "Last-Event-Id"}
)

// CORS lets web pages of other origins use h (spec 04 §5): it marks answers to
// them and answers preflights, on any path.
func CORS(h http.Handler, cfg CORSConfig) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		crossOrigin := len(r.Header["Origin"]) > 0 // also an empty one
		origin := r.Header.Get("Origin")
		if r.Method == http.MethodOptions && crossOrigin && r.Header.Get("Access-Control-Request-Method") != "" {
			cfg.preflight(header, r, origin)
			w.WriteHeader(http.StatusOK)
			return
		}
		if crossOrigin && slices.Contains(corsAnswered, r.Method) {
			cfg.allow(header, origin)
		}
		h.ServeHTTP(w, r)
	})
}

// allow marks an answer as readable by this origin and reports whether it is.
func (c CORSConfig) allow(header http.Header, origin string) bool {
	switch {
	case c.AllowedOrigins == nil:
		header.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(c.AllowedOrigins, origin):
		header.Set("Access-Control-Allow-Origin", origin)
	default:
		return false
	}
	return true
}

// preflight tells the browser what the page may send. A refusal is an answer
// without permission.
func (c CORSConfig) preflight(header http.Header, r *http.Request, origin string) {
	header.Add("Vary", "Access-Control-Request-Method")
	header.Add("Vary", "Access-Control-Request-Headers")
	method := r.Header.Get("Access-Control-Request-Method")
	headers, known := requestedHeaders(r)
	if !known || !slices.Contains(corsAsked, method) || !c.allow(header, origin) {
		return
	}
	header.Set("Access-Control-Allow-Methods", method)
	if len(headers) > 0 {
		header.Set("Access-Control-Allow-Headers", strings.Join(headers, ", "))
	}
	header.Set("Access-Control-Max-Age", preflightAge)
}

// requestedHeaders returns the headers that the page wants to send, and whether
// all may be sent.
func requestedHeaders(r *http.Request) ([]string, bool) {
	var out []string
	for name := range strings.SplitSeq(strings.Join(r.Header.Values("Access-Control-Request-Headers"), ","), ",") {
		name = textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))
		switch {
		case name == "":
		case slices.Contains(corsHeaders, name):
			out = append(out, name)
		default:
			return nil, false
		}
	}
	return out, true
}

// IsOrigin reports whether a browser would write an origin like this: in lower
// case, without a path and without the usual port.
func IsOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Contains(text, "*") || text != u.Scheme+"://"+strings.ToLower(u.Host) {
		return false
	}
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	return usual != "" && u.Port() != usual && !strings.HasSuffix(u.Host, ":")
}
