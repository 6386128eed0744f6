package main

import (
	"runtime"
	"testing"
	"time"
)

// TestThreads leaves threads for requests that compute nothing, unless the
// administrator has said how many there are.
func TestThreads(t *testing.T) { // alone, as it changes the process
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	if addThreads(spareThreads("4")); runtime.GOMAXPROCS(0) != before {
		t.Errorf("with a setting there are %d threads, want %d", runtime.GOMAXPROCS(0), before)
	}
	if addThreads(spareThreads("")); runtime.GOMAXPROCS(0) <= before {
		t.Errorf("without one there are %d threads, want more than %d", runtime.GOMAXPROCS(0), before)
	}
}

// TestServerThreads asks servers how many threads they have.
func TestServerThreads(t *testing.T) {
	t.Parallel()
	processors := runtime.GOMAXPROCS(0)
	for name, tc := range map[string]struct {
		setting     string
		least, most int
	}{
		"nothing said": {"GOMAXPROCS=", processors + 1, processors + 8},
		"GOMAXPROCS":   {"GOMAXPROCS=1", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := launchIn(t, []string{tc.setting})
			eventually(t, 20*time.Second, "the expected number of threads", func() bool {
				_, figures := get(t.Context(), server.admin+"/metrics")
				threads := int(figure(t, figures, "go_sched_gomaxprocs_threads"))
				return threads >= tc.least && threads <= tc.most
			})
		})
	}
}
