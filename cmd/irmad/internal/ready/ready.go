// Package ready tells whether a server should be sent requests, and if not, why.
package ready

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/issuing"
	"github.com/irmad/irmaserver/scheme"
)

// storeTimeout bounds asking the store.
const storeTimeout = 2 * time.Second

// State is how a component is.
type State string

// States of components. Only failed ones keep a server from being ready: a
// warning is for people to act upon, and holds for all servers alike, so that
// taking them out of service would only make it worse.
const (
	OK      State = "ok"
	Warning State = "warning"
	Failed  State = "failed"
)

// Component is a part of the server.
type Component struct {
	State    State    `json:"state"`
	Messages []string `json:"messages,omitempty"`
}

func (c *Component) add(state State, format string, args ...any) {
	if c.State != Failed {
		c.State = state
	}
	c.Messages = append(c.Messages, fmt.Sprintf(format, args...))
}

// Report is the answer to whether a server is ready.
type Report struct {
	Ready      bool                 `json:"ready"`
	Components map[string]Component `json:"components,omitempty"`
}

// Config configures New. All fields are required.
type Config struct {
	Store   func(context.Context) error // asks the store something
	Schemes func() *scheme.Set
	Now     func() time.Time
}

// Checker checks the components of a server.
type Checker struct {
	cfg      Config
	stopping atomic.Bool
}

// New returns a checker for a server that serves.
func New(cfg Config) *Checker { return &Checker{cfg: cfg} }

// Stop makes the server not ready, for good.
func (c *Checker) Stop() { c.stopping.Store(true) }

// Check returns how the components are now.
func (c *Checker) Check(ctx context.Context) Report {
	report := Report{Ready: true, Components: map[string]Component{
		"serving":     c.serving(),
		"store":       c.store(ctx),
		"schemes":     c.schemes(),
		"issuer_keys": c.issuerKeys(),
	}}
	for _, component := range report.Components {
		if component.State == Failed {
			report.Ready = false
		}
	}
	return report
}

func (c *Checker) serving() Component {
	out := Component{State: OK}
	if c.stopping.Load() {
		out.add(Failed, "the server is stopping")
	}
	return out
}

func (c *Checker) store(ctx context.Context) Component {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	out := Component{State: OK}
	if err := c.cfg.Store(ctx); err != nil {
		out.add(Failed, "%v", err)
	}
	return out
}

func (c *Checker) schemes() Component {
	set, out, found := c.cfg.Schemes(), Component{State: OK}, false
	for range set.Schemes() {
		found = true
	}
	for _, problem := range set.Problems() {
		out.add(Warning, "%v", problem)
	}
	if !found {
		out.add(Failed, "no scheme is in use")
	}
	return out
}

func (c *Checker) issuerKeys() Component {
	out, now := Component{State: OK}, c.cfg.Now()
	for _, key := range issuing.Expiring(c.cfg.Schemes(), now) {
		what := "expires"
		if now.After(key.Expiry) {
			what = "has expired"
		}
		out.add(Warning, "key %d of %s %s on %s", key.Counter, key.Issuer, what, key.Expiry.UTC().Format(time.DateOnly))
	}
	return out
}

// Handler answers whether the server is ready: 200 or 503. Components are named
// only if detailed, as they tell about the inside.
func (c *Checker) Handler(detailed bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		report := c.Check(r.Context())
		if !detailed {
			report.Components = nil
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		if !report.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(report)
	})
}
