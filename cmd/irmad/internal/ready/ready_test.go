package ready_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/issuing"
	"github.com/irmad/irmaserver/cmd/irmad/internal/ready"
	"github.com/irmad/irmaserver/internal/schemetest"
	"github.com/irmad/irmaserver/scheme"
)

func fine(context.Context) error { return nil }

// realSet has a scheme that is not for demonstration.
func realSet(t *testing.T, changes ...string) *scheme.Set {
	t.Helper()
	p := schemetest.NewPublisher(t, "real")
	change := strings.NewReplacer(append(changes, "<Demo>true</Demo>", "<Demo>false</Demo>")...)
	for _, file := range []string{"description.xml", "gov/description.xml", "vote/description.xml"} {
		p.Write(file, change.Replace(p.Read(file)))
	}
	p.Publish()
	return p.Load()
}

// config is of a server that is ready.
func config(set *scheme.Set) ready.Config {
	expiry := issuing.Keys(set)[0].Expiry
	return ready.Config{
		Store:   fine,
		Schemes: func() *scheme.Set { return set },
		Now:     func() time.Time { return expiry.AddDate(0, -2, 0) },
	}
}

func states(report ready.Report) map[string]ready.State {
	out := map[string]ready.State{}
	for name, component := range report.Components {
		out[name] = component.State
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	set := realSet(t)
	key := issuing.Keys(set)[0]
	empty, err := scheme.Load(fstest.MapFS{"broken/description.xml": {Data: []byte("<")}}, scheme.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		change  func(*ready.Config)
		stop    bool
		ready   bool
		part    string
		state   ready.State
		message string
	}{
		{name: "all well", ready: true, part: "serving", state: ready.OK},
		{name: "stopping", stop: true, part: "serving", state: ready.Failed, message: "stopping"},
		{name: "store away", change: func(c *ready.Config) {
			c.Store = func(context.Context) error { return errors.New("connection refused") }
		}, part: "store", state: ready.Failed, message: "connection refused"},
		{name: "store does not answer", change: func(c *ready.Config) {
			c.Store = func(ctx context.Context) error {
				if _, bounded := ctx.Deadline(); !bounded {
					return nil
				}
				return context.DeadlineExceeded
			}
		}, part: "store", state: ready.Failed, message: "deadline"},
		{name: "no schemes", change: func(c *ready.Config) {
			c.Schemes = func() *scheme.Set { return empty }
		}, part: "schemes", state: ready.Failed, message: "no scheme"},
		{name: "key expires soon", change: func(c *ready.Config) {
			c.Now = func() time.Time { return key.Expiry.AddDate(0, 0, -7) }
		}, ready: true, part: "issuer_keys", state: ready.Warning, message: "expires on " + key.Expiry.UTC().Format(time.DateOnly)},
		{name: "key of a demo scheme expired", change: func(c *ready.Config) {
			set := realSet(t, "<Demo>true", "<Demo>true")
			c.Schemes = func() *scheme.Set { return set }
			c.Now = func() time.Time { return key.Expiry.Add(time.Second) }
		}, ready: true, part: "issuer_keys", state: ready.OK},
		{name: "key of a deprecated issuer expired", change: func(c *ready.Config) {
			set := realSet(t, "</Issuer>", "<DeprecatedSince>1</DeprecatedSince></Issuer>")
			c.Schemes = func() *scheme.Set { return set }
			c.Now = func() time.Time { return key.Expiry.Add(time.Second) }
		}, ready: true, part: "issuer_keys", state: ready.OK},
		{name: "key expired", change: func(c *ready.Config) {
			c.Now = func() time.Time { return key.Expiry.Add(time.Second) }
		}, ready: true, part: "issuer_keys", state: ready.Warning, message: "has expired"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(set)
			if tc.change != nil {
				tc.change(&cfg)
			}
			checker := ready.New(cfg)
			if tc.stop {
				checker.Stop()
			}
			report := checker.Check(t.Context())
			if report.Ready != tc.ready {
				t.Errorf("ready %v, want %v", report.Ready, tc.ready)
			}
			want := map[string]ready.State{"serving": ready.OK, "store": ready.OK, "schemes": ready.OK, "issuer_keys": ready.OK}
			want[tc.part] = tc.state
			if diff := cmp.Diff(want, states(report)); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if messages := strings.Join(report.Components[tc.part].Messages, "; "); !strings.Contains(messages, tc.message) {
				t.Errorf("messages %q, want %q", messages, tc.message)
			}
		})
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	checker := ready.New(config(realSet(t)))
	ask := func(detailed bool) (int, string) {
		w := httptest.NewRecorder()
		checker.Handler(detailed).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ready", nil))
		return w.Code, w.Body.String()
	}
	status, body := ask(true)
	var report ready.Report
	if err := json.Unmarshal([]byte(body), &report); err != nil || status != http.StatusOK || !report.Ready || len(report.Components) != 4 {
		t.Errorf("%d %s, %v", status, body, err)
	}
	if status, body := ask(false); status != http.StatusOK || body != "{\"ready\":true}\n" {
		t.Errorf("%d %s", status, body)
	}
	checker.Stop()
	if status, body := ask(false); status != http.StatusServiceUnavailable || body != "{\"ready\":false}\n" {
		t.Errorf("%d %s", status, body)
	}
	w := httptest.NewRecorder()
	checker.Handler(true).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/ready", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}
