package memory_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// sizes are numbers of concurrent sessions.
var sizes = []int{100_000, 1_000_000}

// keys returns n keys as long as session tokens.
func keys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("%020d", i)
	}
	return keys
}

const quarter = 15 * time.Minute

// fill returns a store with a record for each key, due at times spread over the
// quarter of an hour after a time.
func fill(b *testing.B, cfg memory.Config, keys []string, after time.Time) *memory.Store {
	b.Helper()
	s := memory.New(cfg)
	for i, key := range keys {
		due := after.Add(quarter * time.Duration(i) / time.Duration(len(keys)))
		rec := store.Record{Due: due, Expires: due.Add(5 * time.Minute)}
		if err := s.Create(context.Background(), key, rec); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			keys := keys(n)
			s := fill(b, memory.Config{}, keys, time.Now())
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Load(context.Background(), keys[rand.IntN(n)]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	keys := keys(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	fill(b, memory.Config{}, keys, time.Now())
}

func BenchmarkSwap(b *testing.B) {
	const n = 100_000
	keys := keys(n)
	s := fill(b, memory.Config{}, keys, time.Now())
	b.ReportAllocs()
	for b.Loop() {
		key := keys[rand.IntN(n)]
		rec, err := s.Load(context.Background(), key)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Swap(context.Background(), key, rec); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDue measures one second in the life of a full store: the engine asks
// for work and swaps what it is handed.
func BenchmarkDue(b *testing.B) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchmarkDue(b, n, 0) })
	}
}

// BenchmarkDueIdle measures a second in which no record is due.
func BenchmarkDueIdle(b *testing.B) {
	for _, n := range append([]int{0}, sizes...) {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchmarkDue(b, n, 365*24*time.Hour) })
	}
}

// benchmarkDue fills a store with n records that are not due before a delay.
func benchmarkDue(b *testing.B, n int, delay time.Duration) {
	b.Helper()
	now := time.Now()
	s := fill(b, memory.Config{Now: func() time.Time { return now }}, keys(n), now.Add(delay))
	b.ResetTimer()
	for range b.N {
		now = dueSecond(b, s, now)
	}
}

// dueSecond does the work of the second that begins now, and returns the next one.
func dueSecond(b *testing.B, s *memory.Store, now time.Time) time.Time {
	b.Helper()
	for {
		keys, next, err := s.Due(context.Background(), now, 100)
		if err != nil {
			b.Fatal(err)
		}
		for _, key := range keys {
			rec, err := s.Load(context.Background(), key)
			if err != nil {
				b.Fatal(err)
			}
			rec.Due = now.Add(quarter)
			rec.Expires = rec.Due.Add(5 * time.Minute)
			if err := s.Swap(context.Background(), key, rec); err != nil {
				b.Fatal(err)
			}
		}
		if next.After(now) {
			return next
		}
	}
}

func BenchmarkWatch(b *testing.B) {
	s := memory.New(memory.Config{})
	if err := s.Create(context.Background(), "a", store.Record{Expires: time.Now().Add(time.Hour)}); err != nil {
		b.Fatal(err)
	}
	seen := make(chan uint64)
	go func() {
		var rec store.Record
		for {
			rec, _ = s.Watch(context.Background(), "a", rec.Revision)
			seen <- rec.Revision
			if len(rec.Data) > 0 {
				return
			}
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		rec := store.Record{Revision: <-seen, Expires: time.Now().Add(time.Hour)}
		if err := s.Swap(context.Background(), "a", rec); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Swap(context.Background(), "a", store.Record{Data: []byte("end"), Revision: <-seen}); err != nil {
		b.Fatal(err)
	}
	<-seen
}

// BenchmarkMemory reports what a record takes beyond its key and data.
func BenchmarkMemory(b *testing.B) {
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			keys := keys(n)
			for range b.N {
				before := heap()
				s := fill(b, memory.Config{}, keys, time.Now())
				b.ReportMetric(float64(heap()-before)/float64(n), "B/record")
				runtime.KeepAlive(s)
			}
			runtime.KeepAlive(keys)
		})
	}
}

// heap returns the bytes in use after a full collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
