package main

import (
	"context"
	"time"

	"github.com/irmad/irmaserver/bench/internal/measure"
	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/target"
)

// inFlight is how many wallets post at once: more than any server has cores.
const inFlight = 64

// crowd asks for the status of another session while a crowd of wallets posts
// proofs, which are ready beforehand.
func crowd(ctx context.Context, b *bench, kind *target.Kind) error {
	return b.with(ctx, kind, func(s *target.Server) error {
		p, err := prove.NewDiscloser(b.set, prove.Nth(0))
		if err != nil {
			return err
		}
		other, err := start(ctx, s, p.Request())
		if err != nil {
			return err
		}
		n := b.crowd
		if kind == b.kinds[1] {
			n /= 8
		}
		all := make([]*session, n)
		_, err = run(ctx, s, n, crew, func(ctx context.Context, i int) (err error) {
			if all[i], err = start(ctx, s, p.Request()); err != nil {
				return err
			}
			return all[i].connect(ctx, p)
		})
		if err != nil {
			return err
		}
		polls := make(chan []float64)
		polling, stop := context.WithCancel(ctx)
		go func() { polls <- pollUntil(polling, s, other) }()
		posts, err := run(ctx, s, n, inFlight, func(ctx context.Context, i int) error { return all[i].post(ctx, p) })
		stop()
		latencies := <-polls
		if err != nil {
			return err
		}
		add := func(figure, unit string, value float64) {
			b.report.Row("saturated with proofs", figure, unit, "", 0).Add(kind.Name, value)
		}
		add("POSTs per second", "1/s", posts.perSecond())
		add("cores in use", "", posts.cpu.Seconds()/posts.wall.Seconds())
		add("latency of a POST, p99", "s", measure.Quantile(posts.latencies, 0.99))
		add("latency of a status poll, median", "s", measure.Median(latencies))
		add("latency of a status poll, p99", "s", measure.Quantile(latencies, 0.99))
		return nil
	})
}

// pollUntil asks for a status every few milliseconds.
func pollUntil(ctx context.Context, s *target.Server, x *session) []float64 {
	var out []float64
	for wait(ctx, 2*time.Millisecond) == nil {
		sent := time.Now()
		if err := x.poll(ctx, s); err == nil {
			out = append(out, time.Since(sent).Seconds())
		}
	}
	return out
}
