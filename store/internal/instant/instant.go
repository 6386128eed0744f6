// Package instant has the form in which stores keep times: eight bytes that
// compare as numbers.
package instant

import (
	"math"
	"time"

	"github.com/irmad/irmaserver/store"
)

// Instant is a time in nanoseconds since 1970, which last until 2262. Earlier
// and later times are clamped.
type Instant int64

// Never stands for the zero time. Being the greatest value it needs no special
// case in comparisons.
const Never Instant = math.MaxInt64

var latest = time.Unix(0, math.MaxInt64-1)

// Of returns the instant of a time, Never for the zero time.
func Of(t time.Time) Instant {
	switch {
	case t.IsZero():
		return Never
	case t.Unix() < 0:
		return 0
	case t.After(latest):
		return Never - 1
	}
	return Instant(t.UnixNano())
}

// Time returns the time, in the local zone.
func (i Instant) Time() time.Time {
	if i == Never {
		return time.Time{}
	}
	return time.Unix(0, int64(i))
}

// TickBefore returns the last store.Tick since 1970 that is not after i.
func (i Instant) TickBefore() int64 { return int64(i) / int64(store.Tick) }

// TickAfter returns the first store.Tick since 1970 that is not before i.
func (i Instant) TickAfter() int64 { return (int64(i)-1)/int64(store.Tick) + 1 }
