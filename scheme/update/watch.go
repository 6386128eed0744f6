package update

import (
	"context"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

const (
	retryAfter   = time.Minute // when an update failed; doubled each time
	refreshLimit = time.Minute // between refreshes of a scheme, unless configured
)

type watcher struct{ changed func(*scheme.Set) }

// Watch updates all schemes at once and then every Config.Interval, sooner after
// a failure, and does what Refresh asks for. It returns when ctx is done, with
// its error; failures are told to Config.Observer.
//
// Watch calls changed, which may be nil, with each new Set, one at a time and in
// order, also when Update, Install or Reload made it. The function must return
// quickly and not call the Updater, other than Current.
func (u *Updater) Watch(ctx context.Context, changed func(*scheme.Set)) error {
	if changed != nil {
		w := &watcher{changed}
		u.register(w, true)
		defer u.register(w, false)
	}
	failures := 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-u.wake:
			_ = u.run(ctx, u.takeWanted)
		case <-timer.C:
			failures++
			if u.Update(ctx) == nil {
				failures = 0
			}
			timer.Reset(u.pause(failures))
		}
	}
}

func (u *Updater) register(w *watcher, on bool) {
	u.loading.Lock()
	defer u.loading.Unlock()
	if on {
		u.watchers[w] = true
		return
	}
	delete(u.watchers, w)
}

// pause returns how long to wait after so many failures in a row.
func (u *Updater) pause(failures int) time.Duration {
	if failures == 0 || failures > 10 {
		return u.cfg.Interval
	}
	return min(u.cfg.Interval, retryAfter<<(failures-1))
}

// Refresh makes Watch look for new versions of schemes soon, because something
// in them is asked for that is not known. It returns at once and may be called
// by anybody as often as they like: a scheme is looked for once in
// Config.RefreshInterval. Schemes that are neither configured nor installed are passed over.
func (u *Updater) Refresh(ids ...irma.SchemeID) {
	u.refreshing.Lock()
	defer u.refreshing.Unlock()
	found := false
	for _, id := range ids {
		last, tried := u.attempts[id]
		if tried && time.Since(last) < u.cfg.RefreshInterval || !u.configured(id) && u.Current().Scheme(id) == nil {
			continue
		}
		u.attempts[id] = time.Now()
		u.wanted[id] = true
		found = true
	}
	if !found {
		return
	}
	select {
	case u.wake <- struct{}{}:
	default: // Watch is about to look
	}
}

// attempted notes that a new version is looked for.
func (u *Updater) attempted(id irma.SchemeID) {
	u.refreshing.Lock()
	defer u.refreshing.Unlock()
	u.attempts[id] = time.Now()
	delete(u.wanted, id)
}

// takeWanted returns the schemes to refresh.
func (u *Updater) takeWanted() []Source {
	all := u.all() // reads from disk, which those who call Refresh must not wait for
	u.refreshing.Lock()
	defer u.refreshing.Unlock()
	var out []Source
	for _, source := range all {
		if u.wanted[source.ID] {
			out = append(out, source)
		}
	}
	clear(u.wanted)
	return out
}
