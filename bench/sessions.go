package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/irmad/irmaserver/bench/internal/measure"
	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/target"
)

const (
	warmUp = 20
	crew   = 8 // requests at once when measuring throughput

	// settling is how long background work, such as finding primes, may go on.
	settling = 20 * time.Second
)

// whole does n sessions from start to result, one phase after the other.
type whole struct {
	start, connect, post, result *load
	background                   time.Duration // the server's work afterwards
}

// cpu returns the server's processor time per session in seconds.
func (w *whole) cpu() float64 {
	total := w.start.cpu + w.connect.cpu + w.post.cpu + w.result.cpu + w.background
	return total.Seconds() / float64(len(w.post.latencies))
}

// perform does n sessions. The wallet's part between the phases does not count.
func perform(ctx context.Context, s *target.Server, p *prove.Prover, n, atOnce int) (*whole, error) {
	if err := s.Settle(ctx, settling); err != nil {
		return nil, err
	}
	all := make([]*session, n)
	out := new(whole)
	for _, phase := range []struct {
		to *(*load)
		do func(context.Context, int) error
	}{
		{&out.start, func(ctx context.Context, i int) (err error) { all[i], err = start(ctx, s, p.Request()); return err }},
		{&out.connect, func(ctx context.Context, i int) error { return all[i].connect(ctx, p) }},
		{&out.post, func(ctx context.Context, i int) error { return all[i].post(ctx, p) }},
		{&out.result, func(ctx context.Context, i int) error { return all[i].result(ctx, s) }},
	} {
		var err error
		if *phase.to, err = run(ctx, s, n, atOnce, phase.do); err != nil {
			return nil, err
		}
	}
	before, err := s.CPU()
	if err != nil {
		return nil, err
	}
	if err := s.Settle(ctx, settling); err != nil {
		return nil, err
	}
	after, err := s.CPU()
	out.background = after - before
	return out, err
}

// kindOfSession is what is done in sessions.
type kindOfSession struct {
	name  string
	share float64 // of irmago's processor time, at most
	prove func(b *bench, types ...string) (*prove.Prover, error)
}

var kindsOfSession = []kindOfSession{
	{"disclosure", 1. / 9, func(b *bench, types ...string) (*prove.Prover, error) { return prove.NewDiscloser(b.set, types...) }},
	{"issuance", 1. / 8, func(b *bench, types ...string) (*prove.Prover, error) { return prove.NewReceiver(b.set, types...) }},
}

// sessions measures sessions with one credential of the usual size.
func sessions(ctx context.Context, b *bench, kind *target.Kind) error {
	return b.with(ctx, kind, func(s *target.Server) error {
		for _, k := range kindsOfSession {
			p, err := k.prove(b, prove.Nth(0))
			if err != nil {
				return err
			}
			if _, err := perform(ctx, s, p, warmUp, crew); err != nil {
				return err
			}
			alone, err := perform(ctx, s, p, max(10, b.sessions/5), 1)
			if err != nil {
				return err
			}
			many, err := perform(ctx, s, p, b.sessions, crew)
			if err != nil {
				return err
			}
			b.recordSessions(kind, k, alone, many)
		}
		return nil
	})
}

func (b *bench) recordSessions(kind *target.Kind, k kindOfSession, alone, many *whole) {
	add := func(figure, unit string, target, value float64) {
		row := b.report.Row(k.name, figure, unit, "", 0)
		row.Target = target
		row.Add(kind.Name, value)
	}
	add("server CPU per session", "s", k.share, many.cpu())
	add("of that in the background", "s", 0, many.background.Seconds()/float64(b.sessions))
	add("server CPU of the session start", "s", 1./4, many.start.cpuEach())
	add("server CPU of the wallet's POST", "s", 0, many.post.cpuEach())
	add("POSTs per second", "1/s", 0, many.post.perSecond())
	latency := 0.
	if k.name == "issuance" {
		latency = 1. / 20
	}
	add("latency of the POST, median", "s", latency, measure.Median(alone.post.latencies))
	add("latency of the POST, p99", "s", 0, measure.Quantile(alone.post.latencies, 0.99))
	add("latency of the start, median", "s", 0, measure.Median(alone.start.latencies))
}

// sizes measures how sessions grow with attributes and credentials.
func sizes(ctx context.Context, b *bench, kind *target.Kind) error {
	return b.with(ctx, kind, func(s *target.Server) error {
		for _, k := range kindsOfSession {
			for _, n := range b.attributes {
				if err := b.grow(ctx, s, k, "attributes", n, prove.Sized(n)); err != nil {
					return err
				}
			}
			var types []string
			for n := range prove.MaxCredentials {
				types = append(types, prove.Nth(n))
				if err := b.grow(ctx, s, k, "credentials", n+1, types...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (b *bench) grow(ctx context.Context, s *target.Server, k kindOfSession, what string, n int, types ...string) error {
	p, err := k.prove(b, types...)
	if err != nil {
		return err
	}
	if _, err := perform(ctx, s, p, 2, 1); err != nil {
		return err
	}
	done, err := perform(ctx, s, p, b.sweep, 1)
	if err != nil {
		return err
	}
	row := b.report.Row(k.name+" by "+what, "server CPU per session", "s", what, n)
	row.Add(s.Kind.Name, done.cpu())
	return nil
}

// startUp measures from the start of the process to its first answer, with one
// scheme and with the schemes that the other server's module has for its tests.
func startUp(ctx context.Context, b *bench, kind *target.Kind) error {
	tests, err := target.TestSchemes(ctx, filepath.Join(filepath.Dir(b.schemes), "tests-"+kind.Name))
	if err != nil {
		return err
	}
	for range b.starts {
		for name, schemes := range map[string]string{"start-up": b.schemes, "start-up with test schemes": tests} {
			if err := b.startOnce(ctx, kind, name, schemes); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(tests)
}

func (b *bench) startOnce(ctx context.Context, kind *target.Kind, name, schemes string) error {
	s, err := target.Start(ctx, kind, schemes)
	if err != nil {
		return err
	}
	defer s.Stop()
	row := b.report.Row(name, "time to the first answer", "s", "", 0)
	row.Target = 1. / 2
	row.Add(kind.Name, s.Ready.Seconds())
	cpu, err := s.CPU()
	if err != nil {
		return err
	}
	b.report.Row(name, "server CPU", "s", "", 0).Add(kind.Name, cpu.Seconds())
	memory, err := s.Memory()
	b.report.Row(name, "memory", "B", "", 0).Add(kind.Name, float64(memory))
	return err
}
