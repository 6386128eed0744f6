package requestor_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLinks holds what programs link that import the package: our own words, the
// signing of JWTs, and nothing of the server or its cryptography.
func TestLinks(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const own = "github.com/irmad/irmaserver/"
	allowed := map[string]bool{own + "irma": true, own + "internal/caught": true, own + "internal/jwt": true, own + "internal/spelling": true, own + "requestor": true}
	for _, path := range strings.Fields(string(out)) {
		inside := strings.HasPrefix(path+"/", own)
		if inside && !allowed[path] && !strings.HasPrefix(path, own+"irma/internal/") || strings.HasPrefix(path, "github.com/privacybydesign/") {
			t.Errorf("links %s", path)
		}
	}
	if !strings.Contains(string(out), own+"irma\n") {
		t.Errorf("unexpected list of packages:\n%s", out)
	}
}
