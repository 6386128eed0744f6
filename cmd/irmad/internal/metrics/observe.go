package metrics

import (
	"context"
	"strconv"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// Values of the label outcome, and of status without an answer.
const (
	delivered = "delivered"
	failed    = "failed"
	abandoned = "abandoned"
	used      = "used"
	noAnswer  = "none"
)

// Values of the label reason.
const (
	shed = "shed"
	late = "late"
)

// active are the statuses of sessions that have not ended.
var active = []irma.Status{irma.StatusInitialized, irma.StatusPairing, irma.StatusConnected}

// Session implements irmaserver.Observer.
func (m *Metrics) Session(_ context.Context, event irmaserver.SessionEvent) {
	action, status := string(event.Action), string(event.Status)
	m.sessions.WithLabelValues(action, status, m.requestor(event.Requestor), string(event.ProofStatus)).Inc()
	if event.Error != "" {
		m.sessionErrors.WithLabelValues(action, string(event.Error)).Inc()
	}
	if !event.Status.Finished() {
		m.active.WithLabelValues(action, status).Inc()
	}
	if event.Before != "" {
		m.active.WithLabelValues(action, string(event.Before)).Dec()
		m.phases.WithLabelValues(action, string(event.Before)).Observe(event.Phase.Seconds())
	}
}

// Crypto implements irmaserver.Observer.
func (m *Metrics) Crypto(event irmaserver.CryptoEvent) {
	action := string(event.Kind)
	switch {
	case event.Shed:
		m.cryptoRefused.WithLabelValues(action, shed).Inc()
		return
	case event.Failed:
		m.cryptoRefused.WithLabelValues(action, late).Inc()
	}
	m.cryptoWaits.WithLabelValues(action).Observe(event.Waited.Seconds())
	if event.Failed {
		return
	}
	m.crypto.WithLabelValues(action).Observe(event.Took.Seconds())
}

// Callback implements irmaserver.Observer.
func (m *Metrics) Callback(event irmaserver.CallbackEvent) {
	outcome, status := failed, noAnswer
	switch {
	case event.Delivered:
		outcome = delivered
	case event.Abandoned:
		outcome = abandoned
	}
	if event.Status != 0 {
		status = statusLabel(event.Status)
	}
	m.callbacks.WithLabelValues(outcome, status).Inc()
}

// statusLabel returns an HTTP status as a label. Receivers of callbacks may make
// up their own.
func statusLabel(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return strconv.Itoa(status)
}
