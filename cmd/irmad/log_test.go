package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestVerbosity starts servers that tell more and more, and does the same at each.
func TestVerbosity(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args       []string
		has, lacks []string
	}{
		"quiet":    {[]string{"-q", "-vv"}, nil, []string{"listening", "session", "request", "DEBUG"}},
		"usual":    {nil, []string{"INFO listening", "INFO session started", "INFO session updated"}, []string{"DEBUG"}},
		"verbose":  {[]string{"-v"}, []string{"INFO session started", "DEBUG configuration", "request refused", `"error": "SESSION_UNKNOWN"`}, []string{"http request"}},
		"detailed": {[]string{"-vv"}, []string{"DEBUG configuration", "DEBUG http request", `"path": "/session/{requestorToken}/result"`}, nil},
		"json":     {[]string{"-v", "--log-json"}, []string{`"level":"info"`, `"level":"debug"`, `"msg":"session started"`}, []string{"INFO"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, tc.args...)
			server.await(t, "/health")
			c := newClient(t, server.url)
			pkg := c.begin(ageRequest)
			c.request("GET", "/session/"+string(pkg.Token)+"/result", "")
			c.request("GET", "/session/12345678901234567890/result", "")
			c.request("DELETE", "/session/"+string(pkg.Token), "")
			server.stop()
			log := server.stderr.String()
			for _, want := range tc.has {
				if !strings.Contains(log, want) {
					t.Errorf("the log lacks %q:\n%s", want, log)
				}
			}
			for _, unwanted := range tc.lacks {
				if strings.Contains(log, unwanted) {
					t.Errorf("the log has %q:\n%s", unwanted, log)
				}
			}
			for line := range strings.Lines(log) {
				if name == "json" && !json.Valid([]byte(line)) {
					t.Errorf("not JSON: %s", line)
				}
			}
		})
	}
}
