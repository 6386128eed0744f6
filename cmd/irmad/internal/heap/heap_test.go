package heap_test

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/heap"
)

// figure returns a figure of the Go runtime.
func figure(name string) uint64 {
	samples := []metrics.Sample{{Name: name}}
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}

func percent() uint64 { return figure("/gc/gogc:percent") }

// asked returns how often somebody has asked for a collection.
func asked() uint64 { return figure("/gc/cycles/forced:gc-cycles") }

// keeping runs f while the heap is looked after, in virtual time.
func keeping(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	before := percent()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go heap.Keep(ctx)
		synctest.Wait()
		f(t)
		cancel()
		synctest.Wait()
	})
	if after := percent(); after != before {
		t.Errorf("GOGC is %d afterwards, it was %d", after, before)
	}
}

// The tests are about the process, so that none is parallel to another.

func TestPercentage(t *testing.T) {
	keeping(t, func(t *testing.T) {
		for _, test := range []struct {
			name        string
			use         int
			least, most uint64
		}{
			{"empty", 0, 400, 400},
			{"4 MB", 4 << 20, 150, 300},
			{"at half of the room", heap.Room / 2, 100, 110},
			{"large", 4 * heap.Room, 100, 100},
			{"empty again", 0, 400, 400},
		} {
			used := make([]byte, test.use)
			runtime.GC()
			time.Sleep(time.Second + time.Millisecond) // virtual
			if got := percent(); got < test.least || got > test.most {
				t.Errorf("%s: GOGC is %d, want %d to %d", test.name, got, test.least, test.most)
			}
			runtime.KeepAlive(used)
		}
	})
}

// TestGivesBack has memory given back when requests have stopped, and once.
func TestGivesBack(t *testing.T) {
	keeping(t, func(t *testing.T) {
		before := asked()
		for range 20 {
			work(1 << 20)
			time.Sleep(time.Second) // virtual
		}
		if got := asked() - before; got != 0 {
			t.Errorf("collected %d times while requests came", got)
		}
		time.Sleep(10 * time.Second) // virtual
		if got := asked() - before; got != 1 {
			t.Errorf("collected %d times after that, want 1", got)
		}
		released := figure("/memory/classes/heap/released:bytes")
		time.Sleep(time.Hour) // virtual
		if got := asked() - before; got != 1 {
			t.Errorf("collected %d times in an hour without requests", got-1)
		}
		if released == 0 {
			t.Error("nothing was given back")
		}
	})
}

// TestLargeHeap leaves a large heap to Go: to collect it takes long.
func TestLargeHeap(t *testing.T) {
	keeping(t, func(t *testing.T) {
		used := make([]byte, 4*heap.Room)
		runtime.GC()
		before := asked()
		time.Sleep(time.Minute) // virtual
		work(8 << 20)
		time.Sleep(time.Minute) // virtual
		if got := asked() - before; got != 0 {
			t.Errorf("collected %d times", got)
		}
		runtime.KeepAlive(used)
	})
}

// work allocates as requests do.
func work(size int) {
	const each = 64 << 10
	for range size / each {
		sink = make([]byte, each)
	}
	sink = nil
}

var sink []byte
