package transport_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/transport"
)

const (
	allowOrigin  = "Access-Control-Allow-Origin"
	allowMethods = "Access-Control-Allow-Methods"
	allowHeaders = "Access-Control-Allow-Headers"
	maxAge       = "Access-Control-Max-Age"
	askMethod    = "Access-Control-Request-Method"
	askHeaders   = "Access-Control-Request-Headers"
)

// cors sends a request to a handler that answers 418, and returns the answer.
func cors(cfg transport.CORSConfig, method string, header http.Header) *httptest.ResponseRecorder {
	h := transport.CORS(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), cfg)
	r := httptest.NewRequest(method, "/any/path", http.NoBody)
	r.Header = header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestCORS compares all headers of answers to pages of other origins (spec 04
// §5).
func TestCORS(t *testing.T) {
	t.Parallel()
	const shop = "https://shop.example"
	origin := func(values ...string) http.Header { return http.Header{"Origin": values} }
	vary := http.Header{"Vary": {"Origin"}}
	varyAll := http.Header{"Vary": {"Origin", askMethod, askHeaders}}
	preflight := func(origin, method string, headers ...string) http.Header {
		out := http.Header{"Origin": {origin}, askMethod: {method}}
		if len(headers) > 0 {
			out[askHeaders] = headers
		}
		return out
	}
	granted := func(origin, method, headers string) http.Header {
		out := http.Header{"Vary": varyAll["Vary"], allowOrigin: {origin}, allowMethods: {method}, maxAge: {"7200"}}
		if headers != "" {
			out[allowHeaders] = []string{headers}
		}
		return out
	}
	all := transport.CORSConfig{}
	some := transport.CORSConfig{AllowedOrigins: []string{"https://other.example", shop}}
	none := transport.CORSConfig{AllowedOrigins: []string{}}
	const asked, handled = http.StatusOK, http.StatusTeapot
	tests := []struct {
		name   string
		cfg    transport.CORSConfig
		method string
		header http.Header
		status int
		want   http.Header
	}{
		{"same origin", all, "GET", nil, handled, vary},
		{"GET", all, "GET", origin(shop), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
		{"POST", all, "POST", origin(shop), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
		{"DELETE", all, "DELETE", origin(shop), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
		{"PUT", all, "PUT", origin(shop), handled, vary},
		{"HEAD", all, "HEAD", origin(shop), handled, vary},
		{"null origin", all, "GET", origin("null"), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
		{"empty origin", all, "GET", origin(""), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
		{"header without values", all, "GET", origin(), handled, vary},
		{"allowed origin", some, "GET", origin(shop), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {shop}}},
		{"allowed and another origin", some, "GET", origin("https://evil.example", shop), handled, vary},
		{"other origin", some, "GET", origin("https://evil.example"), handled, vary},
		{"longer origin", some, "GET", origin(shop + ".evil"), handled, vary},
		{"other scheme", some, "GET", origin("http://shop.example"), handled, vary},
		{"null origin is not allowed", some, "GET", origin("null"), handled, vary},
		{"empty origin is not allowed", some, "GET", origin(""), handled, vary},
		{"nobody allowed", none, "GET", origin(shop), handled, vary},

		{"OPTIONS without the headers", all, "OPTIONS", nil, handled, vary},
		{"OPTIONS without method", all, "OPTIONS", origin(shop), handled, vary},
		{"OPTIONS with empty method", all, "OPTIONS", preflight(shop, ""), handled, vary},
		{"OPTIONS without origin", all, "OPTIONS", http.Header{askMethod: {"GET"}}, handled, vary},

		{"preflight of GET", all, "OPTIONS", preflight(shop, "GET"), asked, granted("*", "GET", "")},
		{"preflight of POST", all, "OPTIONS", preflight(shop, "POST"), asked, granted("*", "POST", "")},
		{"preflight of DELETE", all, "OPTIONS", preflight(shop, "DELETE"), asked, granted("*", "DELETE", "")},
		{"preflight of OPTIONS", all, "OPTIONS", preflight(shop, "OPTIONS"), asked, granted("*", "OPTIONS", "")},
		{"preflight of PUT", all, "OPTIONS", preflight(shop, "PUT"), asked, varyAll},
		{"preflight of lower case", all, "OPTIONS", preflight(shop, "get"), asked, varyAll},
		{"preflight with a header", all, "OPTIONS", preflight(shop, "GET", "authorization"), asked, granted("*", "GET", "Authorization")},
		{"preflight with all headers", all, "OPTIONS", preflight(shop, "POST", "accept,AUTHORIZATION, Content-type,cache-control ,\torigin,last-event-id"), asked, granted("*", "POST", "Accept, Authorization, Content-Type, Cache-Control, Origin, Last-Event-Id")},
		{"preflight with other header", all, "OPTIONS", preflight(shop, "POST", "authorization, x-requested-with"), asked, varyAll},
		{"preflight with other header on a second line", all, "OPTIONS", preflight(shop, "POST", "authorization", "x-requested-with"), asked, varyAll},
		{"preflight with wildcard", all, "OPTIONS", preflight(shop, "POST", "*"), asked, varyAll},
		{"preflight with empty headers", all, "OPTIONS", preflight(shop, "POST", " , ,"), asked, granted("*", "POST", "")},
		{"preflight with line break", all, "OPTIONS", preflight(shop, "POST", "accept\r\nx: y"), asked, varyAll},
		{"preflight of null origin", all, "OPTIONS", preflight("null", "GET"), asked, granted("*", "GET", "")},
		{"preflight of allowed origin", some, "OPTIONS", preflight(shop, "GET", "accept"), asked, granted(shop, "GET", "Accept")},
		{"preflight of other origin", some, "OPTIONS", preflight("https://evil.example", "GET"), asked, varyAll},
		{"preflight with nobody allowed", none, "OPTIONS", preflight(shop, "GET"), asked, varyAll},
		{"GET with preflight headers", all, "GET", preflight(shop, "GET", "accept"), handled, http.Header{"Vary": {"Origin"}, allowOrigin: {"*"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := cors(test.cfg, test.method, test.header)
			if diff := cmp.Diff(test.want, got.Header()); diff != "" || got.Code != test.status || got.Body.Len() > 0 {
				t.Errorf("%d %s, want %d; header (-want +got):\n%s", got.Code, got.Body, test.status, diff)
			}
		})
	}
}

// FuzzCORS checks what must hold for any headers: an origin that is not allowed
// gets nothing, and what is allowed is one of what we allow.
func FuzzCORS(f *testing.F) {
	f.Add("OPTIONS", "https://shop.example", "GET", "authorization, x")
	f.Add("OPTIONS", "null", "POST", "accept,,")
	f.Add("GET", "", "", "\r\n")
	names := []string{"Accept", "Authorization", "Content-Type", "Cache-Control", "Origin", "Last-Event-Id"}
	f.Fuzz(func(t *testing.T, method, origin, wanted, headers string) {
		if !slices.Contains([]string{"GET", "POST", "DELETE", "OPTIONS", "PUT"}, method) {
			t.Skip("httptest refuses other methods")
		}
		got := cors(transport.CORSConfig{AllowedOrigins: []string{"https://shop.example"}}, method, http.Header{"Origin": {origin}, askMethod: {wanted}, askHeaders: {headers}}).Header()
		if allowed := got.Get(allowOrigin); allowed != "" && (allowed != origin || allowed != "https://shop.example") {
			t.Errorf("origin %q is allowed to %q", allowed, origin)
		}
		if got.Get(allowOrigin) == "" && len(got) > 1 {
			t.Errorf("nothing is allowed, but the header is %q", got)
		}
		for _, name := range strings.Split(got.Get(allowHeaders), ", ") {
			if name != "" && !slices.Contains(names, name) {
				t.Errorf("header %q is allowed", name)
			}
		}
	})
}
