// Package storetest holds the tests that every store.Store must pass.
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return open(t) })
//	}
//
// The tests wait by means of the contract itself: Watch returns when a record
// has changed or expired, and Due goes by the time it is given. So they suit
// stores elsewhere, whose clock no test can set, as long as that is right within
// a tenth of a second, and are over in a second or two. Run them with the race
// detector too.
//
// Among them is a check of histories: clients do random things at once, and there
// must be an order of all calls, for each record, that explains every answer.
//
// A store with a method Close() error is also tested after Close; it must bear to
// be closed twice.
package storetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/store"
)

// soon is how long records live in the tests that wait for their end, and
// patience how long anything may take before a test gives up.
const (
	soon     = 300 * time.Millisecond
	patience = 20 * time.Second
)

// contract lists the tests by name.
var contract = []struct {
	name string
	test func(t *testing.T, s store.Store)
}{
	{"Create", testCreate},
	{"Unknown", testUnknown},
	{"Swap", testSwap},
	{"Times", testTimes},
	{"Keys", testKeys},
	{"ConcurrentCreate", testConcurrentCreate},
	{"ConcurrentSwap", testConcurrentSwap},
	{"History", testHistory},
	{"Big", testBig},
	{"Canceled", testCanceled},
	{"Closed", testClosed},
	{"Expiry", testExpiry},
	{"ExpiryChanges", testExpiryChanges},
	{"SwapIntoThePast", testSwapIntoThePast},
	{"Watch", testWatch},
	{"WatchEnds", testWatchEnds},
	{"WatchExpiry", testWatchExpiry},
	{"WatchAhead", testWatchAhead},
	{"WatchersSeeTheLastChange", testWatchLast},
	{"WatchRace", testWatchRace},
	{"Due", testDue},
	{"DueNext", testDueNext},
	{"DueClaim", testDueClaim},
	{"DueSwap", testDueSwap},
	{"DueLimit", testDueLimit},
	{"DueExpired", testDueExpired},
	{"ConcurrentDue", testConcurrentDue},
	{"DueRounds", testDueRounds},
	{"DueStarvation", testDueStarvation},
}

// Run tests the stores that open makes, one for each test, in parallel and in
// real time. A store must be empty when open returns it; open uses t.Cleanup to
// close it.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

// RunVirtual is Run for stores that live within the process: each test runs in
// a bubble of testing/synctest, where waiting takes no time, and fails if the
// store leaves goroutines behind.
func RunVirtual(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range contract {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { c.test(t, open(t)) })
		})
	}
}

// deadline returns a context that ends when patience does.
func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
