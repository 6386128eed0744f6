package irmaserver

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// SchemeSource tells which schemes to use now. A [scheme.Set] is a source that
// always tells itself; the Updater of package scheme/update tells the newest that
// was installed.
type SchemeSource interface {
	// Current returns the newest schemes. It is called for every session, by
	// several goroutines at once, and must not wait. A Set is never changed; new
	// schemes are another Set. Nil is only right before New, which refuses it.
	Current() *scheme.Set
}

// SchemeRefresher is a SchemeSource that can look for newer schemes, such as the
// Updater of package scheme/update.
type SchemeRefresher interface {
	SchemeSource

	// Refresh asks to look for newer versions of these schemes, since somebody
	// named an issuer, credential type, attribute or key that the current ones do
	// not have. It must return at once and do its work in the background. Clients
	// cause it: limit how often it has an effect.
	Refresh(schemes ...irma.SchemeID)
}

// maxEditions bounds how many replaced sets are kept for sessions that began with
// them.
const maxEditions = 4

// editions keeps the schemes that are in use: the newest, and those that were the
// newest when a session began that may still go on.
type editions struct {
	source     SchemeSource
	production bool
	now        func() time.Time
	log        *zap.Logger
	changed    func(sets []*scheme.Set) // told what is in use, after every change; must not wait

	mu      sync.Mutex // guards the fields below, and the contents of editions
	newest  *edition
	old     []*edition // the oldest first
	refused *scheme.Set
}

// edition is a set of schemes that was the newest at some time. Records of sessions
// have its id; on another server, or once it is forgotten here, they go on with the
// newest.
type edition struct {
	id    uint64
	set   *scheme.Set
	until time.Time // when the last session that began with it is over
}

func newEditions(cfg Config, changed func([]*scheme.Set)) *editions {
	return &editions{
		source: cfg.Schemes, production: cfg.Production, now: cfg.Now, log: cfg.Logger,
		changed: changed, newest: newEdition(cfg.Schemes.Current()),
	}
}

// newEdition gives the set an id that no other server uses.
func newEdition(set *scheme.Set) *edition {
	var id [8]byte
	_, _ = rand.Read(id[:]) // never fails
	return &edition{id: binary.BigEndian.Uint64(id[:]) | 1, set: set}
}

// current returns the newest schemes.
func (e *editions) current() *scheme.Set {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.look().set
}

// begin returns the newest schemes for a session that lasts until the given time at
// most, and the id under which the session finds them again.
func (e *editions) begin(longest time.Duration) (*scheme.Set, uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	newest := e.look()
	if until := e.now().Add(longest); until.After(newest.until) {
		newest.until = until
	}
	return newest.set, newest.id
}

// of returns the schemes that a session began with.
func (e *editions) of(id uint64) *scheme.Set {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, old := range e.old {
		if old.id == id {
			return old.set
		}
	}
	if e.newest.id == id {
		return e.newest.set
	}
	return e.look().set
}

// look asks the source and forgets what no session needs. The source is asked
// under the lock, so that nobody puts an older set back. The caller holds mu.
func (e *editions) look() *edition {
	set, before := e.source.Current(), len(e.old)
	e.old = slices.DeleteFunc(e.old, func(old *edition) bool { return e.now().After(old.until) })
	moved := set != e.newest.set && e.usable(set)
	if moved {
		if e.now().Before(e.newest.until) {
			e.old = append(e.old, e.newest)
		}
		e.old = e.old[max(0, len(e.old)-maxEditions):]
		e.newest = newEdition(set)
	}
	if moved || len(e.old) != before {
		e.changed(e.sets())
	}
	return e.newest
}

// usable reports whether a new set may be used, and logs once if not. The caller
// holds mu.
func (e *editions) usable(set *scheme.Set) bool {
	problem := schemesProblem(set, e.production)
	if problem == "" {
		return true
	}
	if e.refused != set {
		e.log.Error("new schemes are not used, the old ones stay", zap.String("reason", problem))
	}
	e.refused = set
	return false
}

// sets returns all schemes in use. The caller holds mu.
func (e *editions) sets() []*scheme.Set {
	sets := []*scheme.Set{e.newest.set}
	for _, old := range e.old {
		sets = append(sets, old.set)
	}
	return sets
}

// schemesProblem tells why a server cannot use these schemes, or "".
func schemesProblem(set *scheme.Set, production bool) string {
	switch {
	case set == nil:
		return "there are no schemes"
	case production && set.Scheme(demoScheme) != nil:
		return "the demo scheme " + string(demoScheme) + " is among them, whose private keys everybody has; leave it out when Config.Production is set"
	}
	return ""
}

// refresh asks the source to look for newer versions of schemes.
func (e *editions) refresh(ids []irma.SchemeID) {
	if source, ok := e.source.(SchemeRefresher); ok && len(ids) > 0 {
		source.Refresh(ids...)
	}
}

// named returns the schemes that a request names.
func named(request *irma.SessionRequest) []irma.SchemeID {
	var ids []irma.SchemeID
	add := func(id irma.SchemeID) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for attr := range request.Disclose.Attributes {
		add(attr.Type.CredentialType().Scheme())
	}
	for _, credential := range request.Credentials {
		add(credential.CredentialTypeID.Scheme())
	}
	return ids
}
