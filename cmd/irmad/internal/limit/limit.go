// Package limit bounds how many sessions requestors and addresses start, and how
// many they have at a time. A request over a limit is answered with
// irma.ErrTooManyRequests and when to try again. Memory is bounded: by the
// limits on sessions, and by forgetting addresses that are quiet.
package limit

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/route"
	"github.com/irmad/irmaserver/transport"
)

// Names of the limits, as Config.Refused gets them.
const (
	RequestorRate     = "requestor_rate"
	AddressRate       = "address_rate"
	StaticRate        = "static_rate"
	RequestorSessions = "requestor_sessions"
	AddressSessions   = "address_sessions"
	AnonymousSessions = "anonymous_sessions"
)

// Config configures New. A limit of zero is none.
type Config struct {
	// Sessions that may be started in a minute. That many may be started at
	// once, and then as many as the rate allows.
	RequestorRate int // by a requestor
	AddressRate   int // from an address
	StaticRate    int // from an address, of static sessions

	// Sessions that may be waiting for a wallet or its answer.
	RequestorSessions int // of a requestor
	AddressSessions   int // started from an address
	AnonymousSessions int // without a requestor: static ones, and all without authentication

	Prefix   string        // of the endpoints' paths
	Lifetime time.Duration // of sessions at most, unless their start says otherwise
	Proxies  Proxies
	CORS     transport.CORSConfig
	Refused  func(limit string) // told of each request over a limit
	Now      func() time.Time
}

// Limiter knows who starts how many sessions. Besides putting Wrap before the
// handlers and Authenticator around the authenticator, it must be told of
// sessions as an observer is.
type Limiter struct {
	cfg     Config
	refusal http.Handler

	mu         sync.Mutex // guards all below
	requestors *buckets[string]
	addresses  *buckets[netip.Addr]
	static     *buckets[netip.Addr]
	live       *live
}

// New returns a limiter that has seen nothing yet.
func New(cfg Config) *Limiter {
	return &Limiter{
		cfg:        cfg,
		refusal:    transport.CORS(http.HandlerFunc(refuse), cfg.CORS),
		requestors: newBuckets[string](cfg.RequestorRate),
		addresses:  newBuckets[netip.Addr](cfg.AddressRate),
		static:     newBuckets[netip.Addr](cfg.StaticRate),
		live:       newLive(cfg.Lifetime),
	}
}

// ticket is one request to start a session.
type ticket struct {
	address   netip.Addr
	requestor string
	counted   bool          // as a session about to start
	wait      time.Duration // of a refused one
}

type ticketKey struct{}

// Wrap returns a handler that passes requests on to next unless they are over a
// limit.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := route.Of(r.URL.Path, l.cfg.Prefix)
		if r.Method != http.MethodPost || name != route.Start && name != route.StartStatic {
			next.ServeHTTP(w, r)
			return
		}
		t := &ticket{address: household(l.cfg.Proxies.Address(r))}
		r = r.WithContext(context.WithValue(r.Context(), ticketKey{}, t))
		defer l.discard(t)
		out := &announcer{w, t}
		if l.enter(t, name == route.StartStatic) {
			next.ServeHTTP(out, r)
		} else {
			l.refusal.ServeHTTP(out, r)
		}
	})
}

// enter applies the limits that hold before it is known whose request it is.
func (l *Limiter) enter(t *ticket, static bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	if static && !pass(l, t, l.static, t.address, StaticRate, now) {
		return false
	}
	if !pass(l, t, l.addresses, t.address, AddressRate, now) {
		return false
	}
	return !static || l.count(t, "", now)
}

// admit applies the limits of a requestor, or of those without a name.
func (l *Limiter) admit(t *ticket, requestor string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	if requestor != "" && !pass(l, t, l.requestors, requestor, RequestorRate, now) {
		return false
	}
	return l.count(t, requestor, now)
}

func pass[K comparable](l *Limiter, t *ticket, b *buckets[K], key K, name string, now time.Time) bool {
	wait, ok := b.take(key, now)
	if !ok {
		l.tell(t, name, wait)
	}
	return ok
}

// crowded is when to try again where there are too many sessions: some end at
// any moment.
const crowded = 10 * time.Second

// most returns how many sessions the requestor may have, zero for any number, and
// which limit says so.
func (c Config) most(requestor string) (most int, name string) {
	if requestor == "" {
		return c.AnonymousSessions, AnonymousSessions
	}
	return c.RequestorSessions, RequestorSessions
}

// counts reports whether there is a limit for which the requestor's sessions count.
// Those of others are not remembered.
func (c Config) counts(requestor string) bool {
	most, _ := c.most(requestor)
	return most > 0 || c.AddressSessions > 0
}

// count counts the session about to start, unless there are too many.
func (l *Limiter) count(t *ticket, requestor string, now time.Time) bool {
	if !l.cfg.counts(requestor) {
		return true
	}
	l.live.expire(now)
	most, name := l.cfg.most(requestor)
	switch {
	case most > 0 && l.live.requestors[requestor] >= most:
		l.tell(t, name, crowded)
		return false
	case l.cfg.AddressSessions > 0 && l.live.addresses[t.address] >= l.cfg.AddressSessions:
		l.tell(t, AddressSessions, crowded)
		return false
	}
	l.live.count(requestor, t.address, 1)
	t.requestor, t.counted = requestor, true
	return true
}

func (l *Limiter) tell(t *ticket, name string, wait time.Duration) {
	t.wait = wait
	l.cfg.Refused(name)
}

// discard ends a ticket. If a session was started, that is counted by now.
func (l *Limiter) discard(t *ticket) {
	if !t.counted {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live.count(t.requestor, t.address, -1)
}

// Session is to be called as that of an irmaserver.Observer.
func (l *Limiter) Session(ctx context.Context, event irmaserver.SessionEvent) {
	if event.Before == "" && !l.cfg.counts(event.Requestor) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case event.Before == "":
		s := session{name: event.Session, requestor: event.Requestor}
		if t, ok := ctx.Value(ticketKey{}).(*ticket); ok {
			s.address = t.address
		}
		l.live.start(s, event.Longest, l.cfg.Now())
	case event.Status.Finished():
		l.live.end(event.Session)
	}
}
