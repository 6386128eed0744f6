package irmaserver

import (
	"context"
	"errors"
	"time"

	"github.com/irmad/irmaserver/internal/fair"
	"github.com/irmad/irmaserver/irma"
)

// Of what waits for its turn there is a message in memory: some ten kilobytes.
const (
	leastWaiting     = 8192
	waitingPerWorker = 1024
)

func newScheduler(workers int) *fair.Scheduler {
	return fair.New(fair.Config{Places: workers, MaxWaiting: max(leastWaiting, waitingPerWorker*workers)})
}

// CryptoStats tells how many computations there are on proofs and signatures,
// including those of signed results.
type CryptoStats struct {
	Running int // at most Config.CryptoWorkers
	Waiting int // for their turn
}

// CryptoStats returns how busy the server is with computations.
func (s *Server) CryptoStats() CryptoStats {
	stats := s.crypto.Stats()
	return CryptoStats{Running: stats.Running, Waiting: stats.Waiting}
}

// compute runs f when it is this computation's turn, which requestors get in
// equal shares of time. It returns without running f when ctx ends first, and at
// once when it would.
func (s *Server) compute(ctx context.Context, requestor string, kind irma.Action, f func() error) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.running.Done()
	start := time.Now()
	waiting, cancel := s.within(ctx)
	defer cancel()
	var failed error
	event := CryptoEvent{Kind: kind}
	err := s.crypto.Do(waiting, fair.Job{Owner: requestor, Kind: string(kind)}, func() {
		turn := time.Now()
		failed = f()
		event.Waited, event.Took = turn.Sub(start), time.Since(turn)
	})
	if err != nil {
		return s.tooBusy(kind, time.Since(start), err)
	}
	s.cfg.Observer.Crypto(event)
	return failed
}

// tooBusy tells why a computation was not made, and when the next may be.
func (s *Server) tooBusy(kind irma.Action, waited time.Duration, err error) error {
	if s.ctx.Err() != nil {
		return irma.ErrUnavailable
	}
	event := CryptoEvent{Kind: kind, Waited: waited, Failed: true}
	out := irma.ErrUnavailable.With("the server has more proofs to verify than it can in time")
	var busy *fair.BusyError
	if errors.As(err, &busy) {
		event.Shed, out.Retry = busy.Shed, busy.Wait
	}
	s.cfg.Observer.Crypto(event)
	return out
}
