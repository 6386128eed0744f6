package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/internal/jwt"
)

// TestMigrate starts irmad with configurations as they are in use and in
// documentation, unchanged, and starts a session. Flags only say where to listen.
func TestMigrate(t *testing.T) {
	t.Parallel()
	schemes, keys := installReal(t)
	real := []string{"IRMASERVER_SCHEMES_PATH=" + schemes, "IRMASERVER_PRIVKEYS=" + keys}
	realAge := strings.ReplaceAll(ageRequest, "irmad-demo", "real")
	const documented = "eGE2PSomOT84amVVdTU"
	for file, tc := range map[string]struct {
		env, args []string
		prefix    string
		asks      map[string]attempt
		warnings  []string
	}{
		"snippet.json": {asks: map[string]attempt{
			"token":    {"application/json", documented, ageRequest, 200, "", ""},
			"no token": {"application/json", "", ageRequest, 400, "INVALID_REQUEST", "could not be authenticated"},
			"another":  {"application/json", documented + "x", ageRequest, 403, "UNAUTHORIZED", ""},
		}},
		"defaults.yaml": {asks: map[string]attempt{
			"disclosure": {"application/json", "", ageRequest, 200, "", ""},
			"issuance":   {"application/json", "", ageIssuance, 200, "", ""},
			"legacy":     {"application/json", "", legacyRequest, 200, "", ""},
		}, warnings: []string{"key email", "authentication of incoming session requests disabled"}},
		"production.toml": {env: real, asks: map[string]attempt{
			"token":        {"application/json", documented, realAge, 200, "", ""},
			"issuance":     {"application/json", documented, strings.ReplaceAll(ageIssuance, "irmad-demo", "real"), 403, "UNAUTHORIZED", "No issuer permissions"},
			"JWT":          {"text/plain", "", "", 200, "", ""},
			"anonymous":    {"application/json", "", realAge, 400, "INVALID_REQUEST", "could not be authenticated"},
			"demo schemes": {"application/json", documented, ageRequest, 403, "UNAUTHORIZED", "irmad-demo"},
		}, warnings: []string{"key email"}},
		"double.yml": {args: []string{"--client-port", freePorts(t, 1)[0]}, prefix: "/api", asks: map[string]attempt{
			"disclosure": {"application/json", "", ageRequest, 200, "", ""},
		}},
		"static.json": {asks: map[string]attempt{
			"disclosure": {"application/json", "", ageRequest, 200, "", ""},
		}},
		"server.env": {asks: map[string]attempt{
			"token":    {"application/json", documented, ageRequest, 200, "", ""},
			"no token": {"application/json", "", ageRequest, 400, "INVALID_REQUEST", "could not be authenticated"},
		}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "migrate", file)
			server := startIn(t, tc.env, append(tc.args, "--config", path)...)
			server.await(t, tc.prefix+"/health")
			for name, ask := range tc.asks {
				if name == "JWT" {
					ask.body = realJWT(t, realAge) // of this moment
				}
				t.Run(name, func(t *testing.T) { ask.check(t, server.url+tc.prefix) })
			}
			if file == "static.json" {
				c := newClient(t, server.url)
				for _, name := range []string{"MySession", "mysession"} { // as it is known where names are lower-cased
					if resp, body := c.request(http.MethodPost, "/irma/session/"+name, ""); resp.StatusCode != http.StatusOK {
						t.Errorf("static session: %s %s", resp.Status, body)
					}
				}
			}
			if code := server.stop(); code != cli.ExitOK {
				t.Errorf("exit status %d", code)
			}
			log := server.stderr.String()
			for _, want := range tc.warnings {
				if !strings.Contains(log, want) {
					t.Errorf("the log does not tell %q:\n%s", want, log)
				}
			}
			if strings.Contains(log, "is not known") {
				t.Errorf("something is not known:\n%s", log)
			}
		})
	}
}

func realJWT(t *testing.T, request string) string {
	t.Helper()
	text := strings.Replace(string(payload("Office", claims{"iss": "office"})), ageRequest, request, 1)
	token, err := jwt.SignHMAC([]byte(text), []byte(citySeal))
	must(t, err)
	return token
}
