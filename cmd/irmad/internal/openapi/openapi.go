// Package openapi describes irmad's endpoints in OpenAPI 3.1.
package openapi

import (
	"bytes"
	_ "embed" // for the description
	"net/http"
	"strconv"
	"strings"
)

//go:embed openapi.json
var description []byte

// Document returns the description of a server whose endpoints are below the
// prefix.
func Document(prefix string) []byte {
	const unset = `"default": ""`
	quoted := strconv.Quote(strings.TrimSuffix(prefix, "/"))
	return bytes.Replace(description, []byte(unset), []byte(`"default": `+quoted), 1)
}

// Handler serves the description.
func Handler(prefix string) http.Handler {
	document := Document(prefix)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // another version describes more
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		_, _ = w.Write(document) // the client may have gone
	})
}
