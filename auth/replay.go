package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/irmad/irmaserver/internal/jwt"
	"github.com/irmad/irmaserver/irma"
)

// Replays remembers which JWTs were used. It is safe for concurrent use.
type Replays interface {
	// Use remembers an id until some time, and reports whether it is the first to
	// do so: of several calls with one id, by whatever servers, only one is. An id
	// is 43 letters, digits, "-" and "_". It differs per requestor and jti, and is a
	// digest of these. An error means that nobody knows; the id may be remembered.
	Use(ctx context.Context, id string, until time.Time) (first bool, err error)
}

const (
	// apart is by how much the clocks of servers that share Replays may differ.
	apart = time.Minute

	// replaysRetry is when those may answer again that did not.
	replaysRetry = 2 * time.Second
)

// checkReplay refuses a JWT that was accepted before. It comes last, so that a
// JWT refused for another reason keeps being refused for that.
func (a *Authenticator) checkReplay(ctx context.Context, p proof) error {
	if p.jwt == nil || p.jwt.claims.ID == "" {
		return nil
	}
	first, err := a.use(ctx, p.who, p.jwt.claims)
	if err != nil {
		unknown := irma.ErrUnavailable.With("whether the JWT was used before cannot be found out at the moment, try again with a new one")
		unknown.Retry = replaysRetry
		return fmt.Errorf("remembering a JWT: %w: %w", unknown, err)
	}
	if !first {
		return irma.ErrUnauthorized.With("jwt was used before: make one with another jti for each request")
	}
	return nil
}

// use remembers a JWT for as long as it is accepted, and reports whether it is new.
func (a *Authenticator) use(ctx context.Context, who *account, c *jwt.Claims) (first bool, err error) {
	switch {
	case a.shared != nil:
		return a.shared.Use(ctx, sharedID(who.name, c.ID), c.IssuedAt.Add(a.maxAge+apart))
	case who.seen != nil:
		return who.seen.add(c.ID, a.now()), nil
	}
	return true, nil
}

// sharedID is what the JWT of a requestor with this id goes by among all servers.
func sharedID(requestor, id string) string {
	digest := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(requestor), requestor, id))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// replays remembers the ids of JWTs for as long as the JWTs are accepted. It has
// two generations, of which the older is forgotten as a whole. Each id is kept
// for at least age, unless limit others come after it.
type replays struct {
	limit int

	mu       sync.Mutex // guards what follows
	age      time.Duration
	since    time.Time // when current began
	current  map[replayID]struct{}
	previous map[replayID]struct{}
}

// replayID is the digest of an id: ids have any length.
type replayID [16]byte

func newReplays(age time.Duration, limit int) *replays {
	return &replays{age: age, limit: limit}
}

// add remembers the id, and reports whether it is new.
func (r *replays) add(id string, now time.Time) bool {
	digest := sha256.Sum256([]byte(id))
	key := replayID(digest[:len(replayID{})])
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	_, in := r.current[key]
	_, before := r.previous[key]
	if in || before {
		return false
	}
	if r.current == nil {
		r.current = map[replayID]struct{}{}
	}
	r.current[key] = struct{}{}
	return true
}

// turn begins a new generation when the current one is old or full.
func (r *replays) turn(now time.Time) {
	passed := now.Sub(r.since)
	if passed <= r.age && len(r.current) < r.limit {
		return
	}
	r.previous, r.current, r.since = r.current, nil, now
	if passed > 2*r.age {
		r.previous = nil
	}
}

// keep makes ids be remembered for at least this long from now on.
func (r *replays) keep(age time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.age = max(r.age, age)
}

// over reports whether all ids may be forgotten.
func (r *replays) over(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.since) > 2*r.age
}

// TakeOver makes a remember the JWTs that were used with before, which it
// replaces: their ids go by the name of the requestor, also of one that is gone
// and may come back. Call it before a is used; both share the memory from then
// on. What Config.Replays remember needs no taking over.
func (a *Authenticator) TakeOver(before *Authenticator) {
	for name, old := range before.memories() {
		who := a.byName[name]
		switch {
		case who != nil && who.seen != nil:
			old.keep(who.seen.age)
			who.seen = old
		case !old.over(a.now()):
			a.retired[name] = old
		}
	}
}

// memories returns the memories by name of the requestor.
func (a *Authenticator) memories() map[string]*replays {
	out := maps.Clone(a.retired)
	for name, who := range a.byName {
		if who.seen != nil {
			out[name] = who.seen
		}
	}
	return out
}
