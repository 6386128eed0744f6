package main

import (
	"runtime"
	"testing"
)

// TestReserveThreads leaves threads for requests that compute nothing, unless the
// administrator has said how many there are.
func TestReserveThreads(t *testing.T) { // alone, as it changes the process
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	if got := reserveThreads("4"); got != before || runtime.GOMAXPROCS(0) != before {
		t.Errorf("with a setting: %d computations on %d threads, want %d on %d", got, runtime.GOMAXPROCS(0), before, before)
	}
	if got := reserveThreads(""); got != before || runtime.GOMAXPROCS(0) <= before {
		t.Errorf("without: %d computations on %d threads, want %d on more", got, runtime.GOMAXPROCS(0), before)
	}
}
