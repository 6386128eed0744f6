package fair

import (
	"context"
	"runtime"

	"github.com/irmad/irmaserver/internal/caught"
)

// work is a computation that somebody waits for.
type work struct {
	f        func()
	done     chan struct{} // closed when f has ended
	panicked error         // by f, once done is closed
}

// Do calls f when it is its turn, and returns when f has. An error is that of Enter,
// and f was not called. A panic of f is one of Do.
//
// What had to wait is computed by as many goroutines as there are places, one
// computation after the other, and not by those who wait. So the threads that answer
// others are not those that compute, and have been idle, for which the operating
// system lets them run before these.
func (s *Scheduler) Do(ctx context.Context, job Job, f func()) error {
	w := &work{f: f, done: make(chan struct{})}
	t, err := s.join(ctx, job, w)
	if err != nil {
		return err
	}
	if t.work == nil {
		defer s.leave(t)
		f()
		return nil
	}
	if err := s.await(ctx, t); err != nil {
		return err
	}
	<-w.done
	if w.panicked != nil {
		panic(w.panicked)
	}
	return nil
}

// compute makes a computation whose turn has come, and then the next ones while some
// wait. In between it lets others run, who would have to wait until the operating
// system or the runtime took its thread away, up to ten milliseconds: on other threads
// if there are more than places, and otherwise on this one.
func (s *Scheduler) compute(t *ticket) {
	pause := runtime.Gosched
	if runtime.GOMAXPROCS(0) > s.cfg.Places {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pause = yieldThread
	}
	for t != nil {
		w := t.work
		w.panicked = caught.Do(func() error { w.f(); return nil })
		t = s.replace(t)
		close(w.done)
		pause()
	}
}
