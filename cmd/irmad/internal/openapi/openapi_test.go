package openapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/openapi"
)

func document(t *testing.T, prefix string) object {
	t.Helper()
	var doc object
	if err := json.Unmarshal(openapi.Document(prefix), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestPrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"/": "", "/api/": "/api", `/a"b/`: `/a"b`} {
		server := document(t, prefix)["servers"].([]any)[0].(object)
		if got := server["variables"].(object)["prefix"].(object)["default"]; got != want {
			t.Errorf("prefix %s: %v, want %q", prefix, got, want)
		}
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]int{http.MethodGet: 200, http.MethodPost: 405} {
		w := httptest.NewRecorder()
		openapi.Handler("/").ServeHTTP(w, httptest.NewRequest(method, "/openapi.json", nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
	}
}

type object = map[string]any

// Every reference leads somewhere, every schema is used, every operation has a
// name of its own and every parameter of a path is declared.
func TestConsistent(t *testing.T) {
	t.Parallel()
	doc := document(t, "/")
	components := doc["components"].(object)
	used, ids := map[string]bool{}, map[string]bool{}
	var visit func(value any)
	visit = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				visit(element)
			}
		case object:
			for name, member := range value {
				visit(member)
				text, _ := member.(string)
				switch name {
				case "$ref":
					schema := strings.TrimPrefix(text, "#/components/schemas/")
					if components["schemas"].(object)[schema] == nil {
						t.Errorf("%s leads nowhere", text)
					}
					used[schema] = true
				case "operationId":
					if ids[text] {
						t.Errorf("two operations are called %s", text)
					}
					ids[text] = true
				}
			}
		}
	}
	visit(doc)
	for schema := range components["schemas"].(object) {
		if !used[schema] {
			t.Errorf("nothing uses the schema %s", schema)
		}
	}
	for path, item := range doc["paths"].(object) {
		declared := []string{}
		parameters, _ := item.(object)["parameters"].([]any)
		for _, parameter := range parameters {
			declared = append(declared, parameter.(object)["name"].(string))
		}
		for _, part := range strings.Split(path, "/") {
			name, isParameter := strings.CutPrefix(part, "{")
			if isParameter && !slices.Contains(declared, strings.TrimSuffix(name, "}")) {
				t.Errorf("%s does not declare %s", path, part)
			}
		}
	}
}
