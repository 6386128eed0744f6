package fair_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/internal/fair"
)

// queue is a scheduler in virtual time, and what has run.
type queue struct {
	t *testing.T
	s *fair.Scheduler

	mu   sync.Mutex // guards what follows
	ran  []string
	busy []*fair.BusyError
	all  sync.WaitGroup
}

func inQueue(t *testing.T, cfg fair.Config, test func(*queue)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := &queue{t: t, s: fair.New(cfg)}
		test(q)
		q.all.Wait()
		if stats := q.s.Stats(); stats != (fair.Stats{}) {
			t.Errorf("at the end: %+v", stats)
		}
	})
}

// run has a computation done that takes this long, and returns when it runs,
// waits or has been refused.
func (q *queue) run(ctx context.Context, owner string, takes time.Duration) {
	q.all.Go(func() {
		leave, err := q.s.Enter(ctx, fair.Job{Owner: owner, Kind: "k"})
		q.mu.Lock()
		busy := new(fair.BusyError)
		switch {
		case errors.As(err, &busy):
			q.busy = append(q.busy, busy)
		case err != nil:
			q.t.Errorf("error %v", err)
		default:
			q.ran = append(q.ran, owner)
		}
		q.mu.Unlock()
		if err == nil {
			time.Sleep(takes)
			leave()
		}
	})
	synctest.Wait()
}

func (q *queue) order() []string {
	q.all.Wait()
	return q.ran
}

// Owners take turns, whoever came first and however many an owner has.
func TestOwnersTakeTurns(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 100}, func(q *queue) {
		for range 6 {
			q.run(q.t.Context(), "flood", time.Second)
		}
		for range 2 {
			q.run(q.t.Context(), "a", time.Second)
		}
		q.run(q.t.Context(), "b", time.Second)
		got := q.order()
		if len(got) != 9 || slices.Index(got, "a") > 3 || slices.Index(got, "b") > 3 || slices.Contains(got[5:], "a") {
			t.Errorf("order %v; want a and b to have had theirs with the first two of the flood", got)
		}
	})
}

// Shares are of time: an owner whose computations take three times as long gets
// a third as many turns.
func TestSharesAreOfTime(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 100}, func(q *queue) {
		for range 40 {
			q.run(q.t.Context(), "slow", 3*time.Second)
			q.run(q.t.Context(), "quick", time.Second)
		}
		turns := map[string]int{}
		time.Sleep(60 * time.Second)
		q.mu.Lock()
		for _, owner := range q.ran {
			turns[owner]++
		}
		q.mu.Unlock()
		if slow, quick := turns["slow"], turns["quick"]; slow < 9 || slow > 12 || quick < 27 || quick > 32 {
			t.Errorf("turns in a minute: %v; want 10 and 30", turns)
		}
	})
}

// An owner who has only one at a time, and the next one as soon as that runs,
// does not keep others from their turns.
func TestOneAtATime(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 100}, func(q *queue) {
		for range 10 {
			q.run(q.t.Context(), "flood", time.Second)
		}
		for range 8 {
			q.run(q.t.Context(), "single", time.Second)
			for q.s.Stats().Waiting > 0 && q.last() != "single" {
				time.Sleep(time.Second / 2)
			}
		}
		single := 0
		for _, owner := range q.order()[:16] {
			if owner == "single" {
				single++
			}
		}
		if single < 7 || single > 9 {
			t.Errorf("%d of 16 turns, want half: %v", single, q.ran)
		}
	})
}

func (q *queue) last() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ran[len(q.ran)-1]
}

func TestPlaces(t *testing.T) {
	inQueue(t, fair.Config{Places: 3, MaxWaiting: 4}, func(q *queue) {
		for range 8 {
			q.run(q.t.Context(), "", time.Second)
		}
		if diff := cmp.Diff(fair.Stats{Running: 3, Waiting: 4}, q.s.Stats()); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
		began := time.Now()
		if got := len(q.order()); got != 7 {
			t.Errorf("%d ran, want 7: the eighth has no place to wait", got)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
		if len(q.busy) != 1 || !q.busy[0].Shed {
			t.Errorf("refused: %+v", q.busy)
		}
	})
}

// Once it is known how long computations take, those that would wait too long
// are refused as they come, and all others are served in time.
func TestShedding(t *testing.T) {
	inQueue(t, fair.Config{Places: 2, MaxWaiting: 1000}, func(q *queue) {
		q.run(q.t.Context(), "", time.Second)
		q.all.Wait()
		ctx, cancel := context.WithTimeout(q.t.Context(), 10*time.Second)
		defer cancel()
		for range 50 {
			q.run(ctx, "flood", time.Second)
		}
		if got := q.s.Stats(); got.Waiting != 19 {
			t.Errorf("%+v; want 19 that wait up to 10s", got)
		}
		if wait := q.s.Wait("flood"); wait != 10*time.Second+time.Second/2 {
			t.Errorf("the next one waits %v", wait)
		}
		if wait := q.s.Wait("other"); wait > 2*time.Second {
			t.Errorf("another owner waits %v", wait)
		}
		q.run(ctx, "other", time.Second)
		if ran := q.order(); !slices.Contains(ran[:5], "other") {
			t.Errorf("order %v; want the other owner's soon", ran)
		}
		late := 0
		for _, busy := range q.busy {
			if !busy.Shed {
				late++
			} else if busy.Wait <= 10*time.Second {
				t.Errorf("refused: %+v", busy)
			}
		}
		if len(q.busy)-late != 29 || late > 1 { // one at the edge made place for the other owner's
			t.Errorf("%d refused as they came, %d later", len(q.busy)-late, late)
		}
	})
}

// A computation nobody waits for any more never runs, and its place is free.
func TestDeadline(t *testing.T) {
	inQueue(t, fair.Config{Places: 1, MaxWaiting: 10}, func(q *queue) {
		q.run(q.t.Context(), "a", time.Minute) // longer than expected: nothing is known yet
		ctx, cancel := context.WithTimeout(q.t.Context(), 5*time.Second)
		defer cancel()
		q.run(ctx, "a", time.Second)
		q.run(q.t.Context(), "a", time.Second)
		time.Sleep(6 * time.Second)
		if got := q.s.Stats(); got.Waiting != 1 {
			t.Errorf("%+v", got)
		}
		if got := len(q.order()); got != 2 {
			t.Errorf("%d ran, want 2", got)
		}
		if len(q.busy) != 1 || q.busy[0].Shed {
			t.Errorf("refused: %+v", q.busy)
		}
	})
}

// Many at once, of many owners, some of which give up: each either runs or is
// refused, and never more at once than there are places.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const places, crowd = 4, 2000
	s := fair.New(fair.Config{Places: places, MaxWaiting: crowd})
	at := make(chan struct{}, places)
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%5 == 0 {
				cancel()
			}
			defer cancel()
			leave, err := s.Enter(ctx, fair.Job{Owner: fmt.Sprint(i % 7), Kind: "k"})
			if err != nil {
				if i%5 != 0 {
					t.Errorf("refused: %v", err)
				}
				return
			}
			select {
			case at <- struct{}{}:
			default:
				t.Error("more run than there are places")
			}
			runtime.Gosched()
			<-at
			leave()
		})
	}
	all.Wait()
	if stats := s.Stats(); stats != (fair.Stats{}) {
		t.Errorf("at the end: %+v", stats)
	}
}

func BenchmarkEnter(b *testing.B) {
	s := fair.New(fair.Config{Places: 1, MaxWaiting: 1 << 20})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			leave, err := s.Enter(context.Background(), fair.Job{Owner: "a", Kind: "k"})
			if err != nil {
				b.Fatal(err)
			}
			leave()
		}
	})
}
