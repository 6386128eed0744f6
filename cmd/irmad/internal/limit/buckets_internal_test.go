package limit

import (
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	b, now := newBuckets[string](60), time.Unix(1e9, 0)
	for i := range 60 {
		if _, ok := b.take("a", now); !ok {
			t.Fatalf("refused after %d", i)
		}
	}
	if wait, ok := b.take("a", now); ok || wait != time.Second {
		t.Errorf("wait %v, %v; want to wait 1s", wait, ok)
	}
	if _, ok := b.take("b", now); !ok {
		t.Error("one key's use counted for another")
	}
	now = now.Add(time.Second)
	if _, ok := b.take("a", now); !ok {
		t.Error("refused after waiting: refusals must not count")
	}
	if _, ok := b.take("a", now); ok {
		t.Error("waiting once gave two")
	}
}

func TestBucketsForget(t *testing.T) {
	t.Parallel()
	b, now := newBuckets[int](1), time.Unix(1e9, 0)
	b.max = 100
	for key := range 1000 {
		b.take(key, now)
		if len(b.byKey) > b.max || b.recent.Len() != len(b.byKey) {
			t.Fatalf("%d buckets, %d in the list; want at most %d", len(b.byKey), b.recent.Len(), b.max)
		}
	}
	if _, ok := b.take(999, now); ok {
		t.Error("the key used last was forgotten")
	}
	b.take(0, now.Add(time.Minute))
	if len(b.byKey) != 1 {
		t.Errorf("%d buckets after a minute, want 1", len(b.byKey))
	}
}
