package irmaserver

import (
	"time"

	"github.com/irmad/irmaserver/irma"
)

// statuses lists all statuses; the position is the code in stored records.
var statuses = [...]irma.Status{
	irma.StatusInitialized,
	irma.StatusPairing,
	irma.StatusConnected,
	irma.StatusCancelled,
	irma.StatusDone,
	irma.StatusTimeout,
}

var actions = [...]irma.Action{irma.Disclosing, irma.Signing, irma.Issuing}

// may tells which statuses may follow which: rows and columns are codes. A
// finished session changes no more (spec 03 §13).
var may = [len(statuses)][len(statuses)]bool{
	//               I      P      C      X     D      T
	/* INITIALIZED */ {false, true, true, true, false, true},
	/* PAIRING */ {false, false, true, true, false, true},
	/* CONNECTED */ {false, false, false, true, true, true},
}

// enter moves the session to a new status at this moment and reports whether
// that was allowed. All status changes happen here.
func (r *record) enter(status irma.Status, now time.Time) bool {
	to := statusCode(status)
	if !may[statusCode(r.status)][to] {
		return false
	}
	if r.status != irma.StatusPairing || status.Finished() {
		r.active = now // pairing and the user's decision share one lifetime
	}
	r.status = status
	r.passed |= 1 << to
	r.changed = true
	if status.Finished() && r.callback {
		r.wake = now.Add(attemptLease)
	}
	return true
}

// deadline returns when an unfinished session times out; the zero time for a
// finished one.
func (r *record) deadline() time.Time {
	switch {
	case r.status.Finished():
		return time.Time{}
	case r.status == irma.StatusInitialized:
		return r.active.Add(r.patience)
	}
	return r.active.Add(r.lifetime)
}

// expire moves an overdue session to TIMEOUT, as of its deadline, and reports
// whether it was overdue.
func (r *record) expire(now time.Time) bool {
	deadline := r.deadline()
	if deadline.IsZero() || now.Before(deadline) {
		return false
	}
	if !r.enter(irma.StatusTimeout, deadline) {
		return false
	}
	if !r.wake.IsZero() {
		r.wake = now.Add(attemptLease) // however late this is noticed
	}
	return true
}

// after returns the statuses that the session has entered after this one, in
// order. Since a session only moves forward that is the order of their codes.
func (r *record) after(last irma.Status) []irma.Status {
	var out []irma.Status
	for code := statusCode(last) + 1; int(code) < len(statuses); code++ {
		if r.passed&(1<<code) != 0 {
			out = append(out, statuses[code])
		}
	}
	return out
}

func statusCode(status irma.Status) byte {
	for code, s := range statuses {
		if s == status {
			return byte(code)
		}
	}
	panic("irmaserver: unknown status " + string(status))
}

func statusOf(code byte) (irma.Status, bool) {
	if int(code) >= len(statuses) {
		return "", false
	}
	return statuses[code], true
}

func actionCode(action irma.Action) byte {
	for code, a := range actions {
		if a == action {
			return byte(code)
		}
	}
	panic("irmaserver: unknown action " + string(action))
}

func actionOf(code byte) (irma.Action, bool) {
	if int(code) >= len(actions) {
		return "", false
	}
	return actions[code], true
}
