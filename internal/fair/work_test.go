package fair_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver/internal/fair"
)

// do has a computation done by the scheduler that takes this long.
func (q *queue) do(ctx context.Context, owner string, takes time.Duration) {
	q.all.Go(func() {
		err := q.s.Do(ctx, fair.Job{Owner: owner, Kind: "k"}, func() {
			q.mu.Lock()
			q.ran = append(q.ran, owner)
			q.mu.Unlock()
			time.Sleep(takes)
		})
		if busy := (*fair.BusyError)(nil); errors.As(err, &busy) {
			q.mu.Lock()
			q.busy = append(q.busy, busy)
			q.mu.Unlock()
		} else if err != nil {
			q.t.Errorf("error %v", err)
		}
	})
	synctest.Wait()
}

// Those who compute themselves and those who let compute get turns alike, as many at
// once as there are places.
func TestDo(t *testing.T) {
	inQueue(t, fair.Config{Places: 2, MaxWaiting: 100}, func(q *queue) {
		began := time.Now()
		for range 6 {
			q.do(q.t.Context(), "flood", time.Second)
			q.run(q.t.Context(), "flood", time.Second)
		}
		q.do(q.t.Context(), "single", time.Second)
		q.run(q.t.Context(), "other", time.Second)
		got := q.order()
		if took := time.Since(began); len(got) != 14 || took != 7*time.Second {
			t.Errorf("%d computations took %v, want 14 and 7s", len(got), took)
		}
		if early := strings.Join(got[:6], " "); !strings.Contains(early, "single") || !strings.Contains(early, "other") {
			t.Errorf("order %v; want all owners among the first", got)
		}
	})
}

// A computation whose context ends while it waits is not made; one that has begun
// is waited for.
func TestDoDeadline(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 10}, func(q *queue) {
		q.do(q.t.Context(), "a", time.Minute)
		ctx, cancel := context.WithTimeout(q.t.Context(), 5*time.Second)
		defer cancel()
		q.do(ctx, "a", time.Second)
		late, cancel := context.WithTimeout(q.t.Context(), 61*time.Second)
		defer cancel()
		q.do(late, "b", time.Minute)
		if got := q.order(); len(got) != 2 || got[1] != "b" || len(q.busy) != 1 || q.busy[0].Shed {
			t.Errorf("ran %v, refused %+v", got, q.busy)
		}
	})
}

// A computation that panics does so where it was asked for, and takes no place away,
// whether it had to wait or not.
func TestDoPanics(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 10}, func(q *queue) {
		var caught []any
		for range 3 {
			q.all.Go(func() {
				defer func() {
					q.mu.Lock()
					defer q.mu.Unlock()
					caught = append(caught, recover())
				}()
				_ = q.s.Do(q.t.Context(), fair.Job{}, func() {
					time.Sleep(time.Second)
					panic(errors.New("mistake"))
				})
			})
		}
		q.all.Wait()
		q.do(q.t.Context(), "later", time.Second)
		if got := q.order(); len(got) != 1 {
			t.Errorf("ran %v", got)
		}
		for _, value := range caught {
			if err, ok := value.(error); !ok || !strings.Contains(err.Error(), "mistake") {
				t.Errorf("panicked with %v", value)
			}
		}
	})
}

// doWaiting has computations done that wait until all are there.
func doWaiting(t *testing.T, s *fair.Scheduler, n int, f func(i int)) {
	t.Helper()
	leave, err := s.Enter(t.Context(), fair.Job{})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var next int
	for range n {
		all.Go(func() {
			if err := s.Do(t.Context(), fair.Job{}, func() { f(next); next++ }); err != nil {
				t.Error(err)
			}
		})
	}
	for s.Stats().Waiting < n {
		runtime.Gosched()
	}
	leave()
	all.Wait()
}

// Where the runtime has no thread but that which computes, others run between any
// two computations: what one makes ready has run when the next one begins.
func TestDoLetsOthersRun(t *testing.T) { // alone, as it changes the process
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const n = 100
	var ran, inTime atomic.Int64
	doWaiting(t, fair.New(fair.Config{Places: 1, MaxWaiting: n}), n, func(i int) {
		if ran.Load() == int64(i) {
			inTime.Add(1)
		}
		go ran.Add(1)
	})
	if got := inTime.Load(); got < n*3/4 { // the runtime makes exceptions
		t.Errorf("others had run before %d of %d computations", got, n)
	}
}

func BenchmarkDo(b *testing.B) {
	s := fair.New(fair.Config{Places: 1, MaxWaiting: 1 << 20})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := s.Do(context.Background(), fair.Job{Owner: "a", Kind: "k"}, func() {}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
