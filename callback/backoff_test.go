package callback_test

import (
	"testing"
	"time"

	"github.com/irmad/irmaserver/callback"
)

// TestBackoff draws delays: each is within its bounds, and they differ.
func TestBackoff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		attempts   int
		retryAfter time.Duration
		from, to   time.Duration
	}{
		{-1, 0, 500 * time.Millisecond, 1500 * time.Millisecond},
		{0, 0, 500 * time.Millisecond, 1500 * time.Millisecond},
		{1, 0, 500 * time.Millisecond, 1500 * time.Millisecond},
		{2, 0, time.Second, 3 * time.Second},
		{5, 0, 8 * time.Second, 24 * time.Second},
		{9, 0, 128 * time.Second, 384 * time.Second},
		{10, 0, 150 * time.Second, 450 * time.Second},
		{20, 0, 150 * time.Second, 450 * time.Second},
		{1 << 30, 0, 150 * time.Second, 450 * time.Second},
		{1, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
		{1, time.Millisecond, 500 * time.Millisecond, 1500 * time.Millisecond},
		{1, 48 * time.Hour, time.Hour, time.Hour},
		{1, -time.Hour, 500 * time.Millisecond, 1500 * time.Millisecond},
	}
	for _, test := range tests {
		drawn := make(map[time.Duration]bool)
		for range 100 {
			got := callback.Backoff(test.attempts, test.retryAfter)
			if got < test.from || got > test.to {
				t.Errorf("%d attempts, Retry-After %v: %v, want from %v to %v", test.attempts, test.retryAfter, got, test.from, test.to)
			}
			drawn[got] = true
		}
		if test.from < test.to && len(drawn) < 50 {
			t.Errorf("%d attempts: only %d different delays", test.attempts, len(drawn))
		}
	}
}
