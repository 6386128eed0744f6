package limit

import (
	"container/list"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds the memory of a set of buckets, to about 20 MB.
const maxBuckets = 1 << 16

// buckets limits how often something happens per key. A bucket that nobody used
// for a minute is full again and can be forgotten.
type buckets[K comparable] struct {
	perMinute int
	max       int
	byKey     map[K]*list.Element
	recent    *list.List // of *bucket, the one used last in front
}

type bucket[K comparable] struct {
	key     K
	limiter *rate.Limiter
	used    time.Time
}

func newBuckets[K comparable](perMinute int) *buckets[K] {
	return &buckets[K]{perMinute: perMinute, max: maxBuckets, byKey: make(map[K]*list.Element), recent: list.New()}
}

// take reports whether the key may go on, and otherwise how long it has to wait.
func (b *buckets[K]) take(key K, now time.Time) (wait time.Duration, ok bool) {
	if b.perMinute == 0 {
		return 0, true
	}
	b.forget(now)
	element := b.byKey[key]
	if element == nil {
		limit := rate.Limit(float64(b.perMinute) / time.Minute.Seconds())
		element = b.recent.PushFront(&bucket[K]{key: key, limiter: rate.NewLimiter(limit, b.perMinute)})
		b.byKey[key] = element
	}
	b.recent.MoveToFront(element)
	found := element.Value.(*bucket[K])
	found.used = now
	reservation := found.limiter.ReserveN(now, 1)
	if wait = reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// forget drops buckets that are full again. If there are still too many, the one
// not used for longest makes room.
func (b *buckets[K]) forget(now time.Time) {
	for element := b.recent.Back(); element != nil; element = b.recent.Back() {
		oldest := element.Value.(*bucket[K])
		if len(b.byKey) < b.max && now.Sub(oldest.used) < time.Minute {
			return
		}
		b.recent.Remove(element)
		delete(b.byKey, oldest.key)
	}
}
