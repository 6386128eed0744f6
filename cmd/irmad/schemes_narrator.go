package main

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/update"
)

// progressInterval is how often progress with a scheme is logged.
const progressInterval = 2 * time.Second

// schemeNarrator logs how the updates of schemes go, and what goes wrong once. It
// is called by one goroutine at a time.
type schemeNarrator struct {
	log      *zap.Logger
	assets   bool // what is told of is a directory
	offline  bool
	failures map[irma.SchemeID]string // the last ones
	progress map[irma.SchemeID]time.Time
	checked  func(irma.SchemeID, time.Time) // is told of schemes of which the newest version is there; may be nil
}

func newSchemeNarrator(log *zap.Logger) *schemeNarrator {
	return &schemeNarrator{log: log, failures: map[irma.SchemeID]string{}, progress: map[irma.SchemeID]time.Time{}}
}

// event is for update.Config.
func (n *schemeNarrator) event(e update.Event) {
	name := zap.String("scheme", string(e.Scheme))
	switch e.State {
	case update.Downloading:
		n.downloading(e)
		return
	case update.Failed:
		n.failed(e)
		return
	case update.Installed:
		n.log.Info("scheme installed", name, zap.Time("version", e.Version.UTC()))
	case update.Unchanged:
		n.log.Debug("scheme is up to date", name)
	}
	if n.checked != nil {
		n.checked(e.Scheme, time.Now())
	}
	delete(n.progress, e.Scheme)
	delete(n.failures, e.Scheme)
	delete(n.failures, "")
	n.online()
}

func (n *schemeNarrator) downloading(e update.Event) {
	n.online()
	last, started := n.progress[e.Scheme]
	if started && time.Since(last) < progressInterval {
		return
	}
	n.progress[e.Scheme] = time.Now()
	n.log.Info("fetching scheme", zap.String("scheme", string(e.Scheme)), zap.String("files", fmt.Sprintf("%d of %d", e.Done, e.Total)))
}

// failed logs a failure unless it is the same as before. That there is no network
// is told once, for all schemes.
func (n *schemeNarrator) failed(e update.Event) {
	delete(n.progress, e.Scheme)
	switch text := e.Err.Error(); {
	case errors.Is(e.Err, update.ErrLocked):
		n.log.Debug("another process updates the schemes")
	case n.assets && errors.Is(e.Err, update.ErrNotNewer): // as it should be
	case errors.Is(e.Err, update.ErrUnreachable):
		if !n.offline {
			n.log.Warn("schemes cannot be fetched now: serving what is there, and trying again later", zap.Error(e.Err),
				zap.String("help", "without a network set schemes_update to 0; behind a proxy set HTTPS_PROXY"))
		}
		n.offline = true
	case n.failures[e.Scheme] != text:
		n.failures[e.Scheme] = text
		n.log.Warn("schemes are not updated, the old ones stay", zap.Error(e.Err))
	}
}

func (n *schemeNarrator) online() {
	if n.offline {
		n.log.Info("schemes can be fetched again")
	}
	n.offline = false
}
