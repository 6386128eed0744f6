package fair

import (
	"container/heap"
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// Config configures New. All fields are required.
type Config struct {
	Places     int // how many computations run at once
	MaxWaiting int // how many wait at most, so that they take a bounded amount of memory
}

// Job is what is known of a computation beforehand.
type Job struct {
	Owner string // who shares equally with other owners
	Kind  string // computations of a kind are expected to take as long as those before; there are few kinds
}

// Stats is what a Scheduler is doing.
type Stats struct {
	Running int
	Waiting int
}

// BusyError says that a computation did not get its turn.
type BusyError struct {
	Wait time.Duration // how long its turn was expected to take to come
	Shed bool          // it was refused as it came, and has not waited
}

// Error implements error.
func (e *BusyError) Error() string {
	return fmt.Sprintf("too busy: the turn of a computation comes in %v", e.Wait)
}

// Scheduler gives turns to computations. It is safe for concurrent use; the time
// that it takes itself grows with the logarithm of the number of owners.
type Scheduler struct {
	cfg Config

	mu      sync.Mutex // guards what follows, and all owners and tickets
	running int
	waiting int
	ahead   time.Duration         // expected of what waits
	begun   time.Duration         // expected of what runs
	typical map[string]experience // by kind
	clock   time.Duration         // the share of the owner who had the last turn
	owners  map[string]*owner     // in line
	asking  int                   // of them, those who have something waiting
	line    line
}

// New returns a Scheduler. It has no goroutines while nothing waits.
func New(cfg Config) *Scheduler {
	return &Scheduler{cfg: cfg, typical: make(map[string]experience), owners: make(map[string]*owner)}
}

// ticket is a computation's claim to a turn.
type ticket struct {
	job      Job
	owner    *owner
	place    *list.Element // among the owner's
	expected time.Duration
	turn     chan struct{} // closed when the turn has come
	began    time.Time
	work     *work // nil if who waits computes
}

// Enter waits for the computation's turn. After nil, call the returned function
// when the computation is over. An error is a *BusyError: too many wait, or the
// turn would not come, or did not, before ctx ended.
func (s *Scheduler) Enter(ctx context.Context, job Job) (leave func(), err error) {
	t, err := s.join(ctx, job, nil)
	if err == nil {
		err = s.await(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	return func() { s.leave(t) }, nil
}

// await waits for the turn.
func (s *Scheduler) await(ctx context.Context, t *ticket) error {
	select {
	case <-t.turn:
	case <-ctx.Done():
		if s.withdraw(t) {
			return &BusyError{Wait: s.Wait(t.job.Owner)}
		}
	}
	return nil
}

// Wait returns how long an owner's next computation is expected to wait.
func (s *Scheduler) Wait(owner string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wait(owner)
}

// Stats returns what is going on.
func (s *Scheduler) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Running: s.running, Waiting: s.waiting}
}

// join gives the computation a place, in the line if all others are taken. Only then
// does it need w.
func (s *Scheduler) join(ctx context.Context, job Job, w *work) (*ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &ticket{job: job, expected: s.typical[job.Kind].took, turn: make(chan struct{})}
	if s.running < s.cfg.Places {
		s.start(t)
		return t, nil
	}
	wait := s.wait(job.Owner)
	deadline, limited := ctx.Deadline()
	if s.waiting >= s.cfg.MaxWaiting || limited && wait > time.Until(deadline) {
		return nil, &BusyError{Wait: wait, Shed: true}
	}
	t.work = w
	s.append(t)
	return t, nil
}

// wait is at most what all computations that wait take, and, as owners have
// equal shares, what the owner's own take times the number of owners.
func (s *Scheduler) wait(name string) time.Duration {
	others := s.asking
	var own time.Duration
	if o := s.owners[name]; o != nil && o.tickets.Len() > 0 {
		others--
		own = o.ahead
	}
	work := s.ahead
	if s.waiting > 0 {
		work = min(work, own+time.Duration(others)*max(own, s.ahead/time.Duration(s.waiting)))
	}
	return (work + s.begun) / time.Duration(s.cfg.Places)
}

// start gives the computation its turn.
func (s *Scheduler) start(t *ticket) {
	s.running++
	s.begun += t.expected
	t.began = time.Now()
	close(t.turn)
}

// append puts the computation at the end of its owner's line. A new owner starts
// at the share of the others.
func (s *Scheduler) append(t *ticket) {
	o := s.owners[t.job.Owner]
	if o == nil {
		o = &owner{name: t.job.Owner, share: s.clock}
		s.owners[o.name] = o
		heap.Push(&s.line, o)
	}
	if o.tickets.Len() == 0 {
		s.asking++
	}
	t.owner, t.place = o, o.tickets.PushBack(t)
	o.ahead += t.expected
	s.ahead += t.expected
	s.waiting++
}

// remove takes the computation out of its owner's line. The owner stays, as the
// share must be known when the next computation comes, until nothing waits.
func (s *Scheduler) remove(t *ticket) {
	o := t.owner
	o.tickets.Remove(t.place)
	o.ahead -= t.expected
	s.ahead -= t.expected
	s.waiting--
	if o.tickets.Len() == 0 {
		s.asking--
	}
	if s.waiting == 0 {
		clear(s.owners)
		s.line, s.clock = nil, 0
	}
}

// withdraw reports whether the computation was still waiting.
func (s *Scheduler) withdraw(t *ticket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-t.turn:
		return false
	default:
		s.remove(t)
		return true
	}
}

// leave ends a computation and gives its place to another.
func (s *Scheduler) leave(t *ticket) {
	if next := s.replace(t); next != nil {
		go s.compute(next)
	}
}

// replace ends a computation, learns from it, and gives its place to another. It
// returns that if the caller is to make it.
func (s *Scheduler) replace(t *ticket) *ticket {
	s.mu.Lock()
	defer s.mu.Unlock()
	took := time.Since(t.began)
	s.running--
	s.begun -= t.expected
	s.typical[t.job.Kind] = s.typical[t.job.Kind].with(took)
	if o := s.owners[t.job.Owner]; o != nil {
		o.share += took - t.charged()
		heap.Fix(&s.line, o.index)
	}
	if s.waiting == 0 {
		return nil
	}
	next := s.next()
	if next.work == nil {
		return nil
	}
	return next
}

// charged is what the owner's share grew by as the computation began.
func (t *ticket) charged() time.Duration {
	if t.owner == nil { // it did not wait
		return 0
	}
	return max(t.expected, leastShare)
}

// next gives a turn to the owner with the smallest share of those who ask.
// Others with a smaller one are forgotten: they start at the same when they come
// back.
func (s *Scheduler) next() *ticket {
	for s.line[0].tickets.Len() == 0 {
		delete(s.owners, heap.Pop(&s.line).(*owner).name)
	}
	o := s.line[0]
	t := o.tickets.Front().Value.(*ticket)
	s.clock = max(s.clock, o.share)
	o.share += t.charged()
	heap.Fix(&s.line, o.index)
	s.remove(t)
	s.start(t)
	return t
}
