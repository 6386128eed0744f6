package irmaserver

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/irmad/irmaserver/irma"
)

// TestEnter checks every pair of statuses against the state machine of spec 03
// §13.
func TestEnter(t *testing.T) {
	t.Parallel()
	allowed := map[irma.Status][]irma.Status{
		irma.StatusInitialized: {irma.StatusPairing, irma.StatusConnected, irma.StatusCancelled, irma.StatusTimeout},
		irma.StatusPairing:     {irma.StatusConnected, irma.StatusCancelled, irma.StatusTimeout},
		irma.StatusConnected:   {irma.StatusCancelled, irma.StatusDone, irma.StatusTimeout},
	}
	start, later := time.Unix(1000, 0), time.Unix(2000, 0)
	for _, from := range statuses {
		for _, to := range statuses {
			rec := &record{status: from, active: start}
			want := slices.Contains(allowed[from], to)
			if got := rec.enter(to, later); got != want {
				t.Errorf("%s to %s: got %v, want %v", from, to, got, want)
			}
			if !want && (rec.status != from || rec.changed || rec.active != start) {
				t.Errorf("%s to %s was refused but changed the session", from, to)
			}
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	rec := &record{status: irma.StatusInitialized, active: start, patience: time.Minute, lifetime: time.Hour}
	if got, want := rec.deadline(), start.Add(time.Minute); got != want {
		t.Errorf("INITIALIZED: got %v, want %v", got, want)
	}
	connect := start.Add(30 * time.Second)
	rec.enter(irma.StatusPairing, connect)
	rec.enter(irma.StatusConnected, connect.Add(10*time.Minute))
	if got, want := rec.deadline(), connect.Add(time.Hour); got != want {
		t.Errorf("pairing and the decision share a lifetime: got %v, want %v", got, want)
	}
	if rec.expire(connect.Add(time.Hour - 1)) {
		t.Error("timed out too early")
	}
	if !rec.expire(connect.Add(5 * time.Hour)) {
		t.Error("did not time out")
	}
	if got, want := rec.active, connect.Add(time.Hour); got != want {
		t.Errorf("TIMEOUT counts from the deadline: got %v, want %v", got, want)
	}
	if !rec.deadline().IsZero() {
		t.Error("a finished session has a deadline")
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	rec := &record{status: irma.StatusInitialized, passed: 1}
	for _, status := range []irma.Status{irma.StatusPairing, irma.StatusConnected, irma.StatusDone} {
		rec.enter(status, time.Unix(1, 0))
	}
	want := []irma.Status{irma.StatusPairing, irma.StatusConnected, irma.StatusDone}
	for i, last := range append([]irma.Status{irma.StatusInitialized}, want...) {
		if diff := cmp.Diff(want[i:], rec.after(last), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", last, diff)
		}
	}
}
