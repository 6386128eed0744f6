package file_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/memory"
)

// stores are those to compare.
var stores = map[string]func(b *testing.B) store.Store{
	"memory": func(*testing.B) store.Store { return memory.New(memory.Config{}) },
	"file":   func(b *testing.B) store.Store { return openAt(b, filepath.Join(b.TempDir(), "sessions.db")) },
}

// benchSize is what a session takes.
const benchSize = 700

// BenchmarkSessions measures what sessions ask of a store, by how many clients at
// once: one is created, and swapped four times, each after it was loaded.
func BenchmarkSessions(b *testing.B) {
	for name, open := range stores {
		for _, clients := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("%s/%d", name, clients), func(b *testing.B) {
				s := open(b)
				var next atomic.Int64
				b.SetParallelism(clients) // times GOMAXPROCS
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := session(s, fmt.Sprintf("%020d", next.Add(1))); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
			})
		}
	}
}

// session does what one session asks of a store.
func session(s store.Store, key string) error {
	ctx, now := context.Background(), time.Now()
	rec := store.Record{Data: make([]byte, benchSize), Due: now.Add(15 * time.Minute), Expires: now.Add(20 * time.Minute)}
	if err := s.Create(ctx, key, rec); err != nil {
		return err
	}
	for range 4 {
		rec, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		rec.Due = rec.Due.Add(time.Second)
		if err := s.Swap(ctx, key, rec); err != nil {
			return err
		}
	}
	return nil
}

// fillForBench returns a store with records that are due in a quarter of an hour.
func fillForBench(b *testing.B, records int) *file.Store {
	b.Helper()
	s := openAt(b, filepath.Join(b.TempDir(), "sessions.db"))
	errs := make(chan error, 512)
	for i := range records {
		if i >= cap(errs) {
			must(b, <-errs)
		}
		at := time.Now().Add(15 * time.Minute)
		rec := store.Record{Data: make([]byte, benchSize), Due: at, Expires: at.Add(5 * time.Minute)}
		go func() { errs <- s.Create(context.Background(), fmt.Sprintf("%020d", i), rec) }()
	}
	for range min(records, cap(errs)) {
		must(b, <-errs)
	}
	return s
}

func BenchmarkLoad(b *testing.B) {
	const records = 20_000
	s := fillForBench(b, records)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Load(context.Background(), fmt.Sprintf("%020d", i*7919%records)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDueIdle measures the question whether there is work when there is none.
func BenchmarkDueIdle(b *testing.B) {
	s := fillForBench(b, 20_000)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if keys, _, err := s.Due(context.Background(), now, 256); err != nil || len(keys) > 0 {
			b.Fatal(keys, err)
		}
	}
}
