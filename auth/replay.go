package auth

import (
	"crypto/sha256"
	"maps"
	"sync"
	"time"
)

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
// on.
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
