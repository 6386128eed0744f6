package memory

import (
	"math"
	"time"

	"github.com/irmad/irmaserver/store"
)

// instant is a time.Time in eight bytes: nanoseconds since 1970, which last
// until 2262. Earlier and later times are clamped.
type instant int64

// never stands for the zero time. Being the greatest value it needs no special
// case in comparisons.
const never instant = math.MaxInt64

var latest = time.Unix(0, math.MaxInt64-1)

func instantOf(t time.Time) instant {
	switch {
	case t.IsZero():
		return never
	case t.Unix() < 0:
		return 0
	case t.After(latest):
		return never - 1
	}
	return instant(t.UnixNano())
}

func (i instant) time() time.Time {
	if i == never {
		return time.Time{}
	}
	return time.Unix(0, int64(i))
}

// tickBefore returns the last tick that is not after i.
func (i instant) tickBefore() int64 { return int64(i) / int64(store.Tick) }

// tickAfter returns the first tick that is not before i.
func (i instant) tickAfter() int64 { return (int64(i)-1)/int64(store.Tick) + 1 }
