package main

import (
	"testing"
	"time"
)

// TestHeap asks servers how often they collect garbage, in percent.
func TestHeap(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env         []string
		least, most float64
	}{
		"nothing said": {nil, 200, 400}, // with little in use
		"GOGC":         {[]string{"GOGC=150"}, 150, 150},
		"GOMEMLIMIT":   {[]string{"GOMEMLIMIT=1GiB"}, 100, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := launchIn(t, append([]string{"GOGC=", "GOMEMLIMIT="}, tc.env...))
			eventually(t, 20*time.Second, "the expected percentage", func() bool {
				_, figures := get(t.Context(), server.admin+"/metrics")
				percent := figure(t, figures, "go_gc_gogc_percent")
				return percent >= tc.least && percent <= tc.most
			})
		})
	}
}
