// Package heap decides how often a server collects its garbage. Go lets the heap
// grow to twice what is in use, and at least to 4 MB, which a busy server with few
// sessions has filled after some hundreds of requests: a sixth of the work of such
// requests was collecting. Here a small heap may grow to Room, and what it takes is
// given back when the requests have stopped.
package heap

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Room is the size to which the heap may grow in any case, in bytes. Larger ones do
// not make requests cheaper.
const Room = 16 << 20

const (
	interval = time.Second // of looking at the heap
	patience = 5           // looks without requests after which memory is given back

	quiet   = 256 << 10 // bytes allocated between two looks, at most, where hardly any requests come
	garbage = 4 << 20   // bytes allocated that are worth collecting
)

// In percent, as debug.SetGCPercent takes them. Go's least heap is 4 MB for usual, and
// grows with the percentage, so that most gives Room for an empty one.
const (
	usual = 100
	most  = usual * Room / (4 << 20)
)

// Keep looks after the heap until ctx ends. It is to be called once in a process, and
// not if the user has said how often to collect.
func Keep(ctx context.Context) {
	k := newKeeper()
	defer debug.SetGCPercent(debug.SetGCPercent(k.percent))
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.look()
		}
	}
}

// keeper is what is known of the heap.
type keeper struct {
	samples   []metrics.Sample
	percent   int
	allocated uint64 // at the last look
	collected uint64 // what was allocated when memory was given back
	idle      int    // looks without requests
}

func newKeeper() *keeper {
	k := &keeper{percent: most, samples: []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}}
	_, k.allocated = k.read()
	return k
}

// read returns what was in use after the last collection, and what has been
// allocated in all.
func (k *keeper) read() (live, allocated uint64) {
	metrics.Read(k.samples)
	return k.samples[0].Value.Uint64(), k.samples[1].Value.Uint64()
}

// look adapts to what the heap has become. Between two looks it can grow fast, with
// the percentage of a small one: to five times what was in use.
func (k *keeper) look() {
	live, allocated := k.read()
	if percent := percentFor(live); percent != k.percent {
		debug.SetGCPercent(percent)
		k.percent = percent
	}
	k.idle++
	if allocated-k.allocated > quiet {
		k.idle = 0
	}
	k.allocated = allocated
	if k.idle >= patience && allocated-k.collected > garbage && k.percent > usual {
		debug.FreeOSMemory()
		k.collected = allocated
	}
}

// percentFor returns the percentage with which a heap of which this much is in use
// is collected at Room, but at least the usual one, for large heaps.
func percentFor(live uint64) int {
	if live == 0 {
		return most
	}
	return int(min(most, max(usual, 100*(Room-min(live, Room))/live)))
}
