package main

import (
	"bufio"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/irmad/irmaserver/bench/internal/measure"
	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/target"
)

// live measures what many sessions cost that wait for a wallet.
func live(ctx context.Context, b *bench, kind *target.Kind) error {
	return b.with(ctx, kind, func(s *target.Server) error {
		p, err := prove.NewDiscloser(b.set, prove.Nth(0))
		if err != nil {
			return err
		}
		if _, err := perform(ctx, s, p, warmUp, crew); err != nil {
			return err
		}
		if err := wait(ctx, time.Duration(b.idle)*time.Second); err != nil { // as before later looks at its memory
			return err
		}
		empty, err := s.Memory()
		if err != nil {
			return err
		}
		var open []*session
		for _, n := range b.live {
			if kind == b.kinds[1] && n > b.liveOther {
				break
			}
			if open, err = b.fill(ctx, s, p, open, n); err != nil {
				return err
			}
			if err := b.inspect(ctx, s, open, empty); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill starts sessions until there are n.
func (b *bench) fill(ctx context.Context, s *target.Server, p *prove.Prover, open []*session, n int) ([]*session, error) {
	before := len(open)
	open = append(open, make([]*session, n-before)...)
	started, err := run(ctx, s, n-before, crew, func(ctx context.Context, i int) (err error) {
		open[before+i], err = start(ctx, s, p.Request())
		return err
	})
	if err != nil {
		return nil, err
	}
	row := b.report.Row("live sessions", "server CPU of a session start", "s", "sessions", n)
	row.Target = 1. / 4
	row.Add(s.Kind.Name, started.cpuEach())
	return open, nil
}

// inspect measures a server with these sessions: its memory, what it does by
// itself, and what asking for a status costs.
func (b *bench) inspect(ctx context.Context, s *target.Server, open []*session, empty int64) error {
	n := len(open)
	add := func(figure, unit string, share, limit, value float64) {
		row := b.report.Row("live sessions", figure, unit, "sessions", n)
		row.Target, row.Limit = share, limit
		row.Add(s.Kind.Name, value)
	}
	if err := s.Settle(ctx, settling); err != nil {
		return err
	}
	idle, err := run(ctx, s, b.idle, 1, func(ctx context.Context, _ int) error { return wait(ctx, time.Second) })
	if err != nil {
		return err
	}
	add("share of a core while idle", "", 0, 0.005, idle.cpu.Seconds()/idle.wall.Seconds())
	memory, err := s.Memory()
	if err != nil {
		return err
	}
	add("memory per session", "B", 1./3, 0, float64(memory-empty)/float64(n))
	polls, err := run(ctx, s, b.polls, crew, func(ctx context.Context, _ int) error {
		return open[rand.IntN(n)].poll(ctx, s)
	})
	if err != nil {
		return err
	}
	add("server CPU of a status poll", "s", 1./6, 0, polls.cpuEach())
	add("latency of a status poll, p99", "s", 0, 0, measure.Quantile(polls.latencies, 0.99))
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// streams measures what event streams cost, each of a session of its own.
func streams(ctx context.Context, b *bench, kind *target.Kind) error {
	return b.with(ctx, kind, func(s *target.Server) error {
		p, err := prove.NewDiscloser(b.set, prove.Nth(0))
		if err != nil {
			return err
		}
		sizes, err := affordable(b.streams)
		if err != nil {
			return err
		}
		all := make([]*session, sizes[len(sizes)-1])
		_, err = run(ctx, s, len(all), crew, func(ctx context.Context, i int) (err error) {
			all[i], err = start(ctx, s, p.Request())
			return err
		})
		if err != nil {
			return err
		}
		if err := s.Settle(ctx, settling); err != nil {
			return err
		}
		before, err := s.Memory()
		if err != nil {
			return err
		}
		r := &readers{server: s}
		defer r.close()
		for _, n := range sizes {
			if _, err := run(ctx, s, n-len(r.open), crew, func(ctx context.Context, i int) error { return r.listen(all[n-1-i]) }); err != nil {
				return err
			}
			if err := b.watch(ctx, s, n, before); err != nil {
				return err
			}
		}
		return nil
	})
}

// affordable replaces numbers of streams by what processes may have open here.
func affordable(sizes []int) ([]int, error) {
	const others = 500 // files that processes have open besides
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil, err
	}
	out := slices.Clone(sizes)
	for i := range out {
		out[i] = min(out[i], int(limit.Max)-others)
	}
	return slices.Compact(out), nil
}

// watch measures a server with n streams.
func (b *bench) watch(ctx context.Context, s *target.Server, n int, before int64) error {
	if err := s.Settle(ctx, settling); err != nil {
		return err
	}
	memory, err := s.Memory()
	if err != nil {
		return err
	}
	row := b.report.Row("event streams", "memory per stream", "B", "streams", n)
	row.Target = 1. / 4
	row.Add(s.Kind.Name, float64(memory-before)/float64(n))
	idle, err := run(ctx, s, b.idle, 1, func(ctx context.Context, _ int) error { return wait(ctx, time.Second) })
	if err != nil {
		return err
	}
	b.report.Row("event streams", "share of a core while idle", "", "streams", n).Add(s.Kind.Name, idle.cpu.Seconds()/idle.wall.Seconds())
	return nil
}

// readers reads event streams.
type readers struct {
	server *target.Server

	mu   sync.Mutex // guards open
	open []*http.Response
}

// listen opens a stream and returns when its header is there.
func (r *readers) listen(x *session) error {
	request, err := http.NewRequest(http.MethodGet, r.server.URL+"/session/"+x.Token+"/statusevents", http.NoBody) //nolint:noctx // it outlives the call
	if err != nil {
		return err
	}
	endless := &http.Client{Transport: client.Transport}
	response, err := endless.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return errors.New("event stream: " + response.Status)
	}
	go func() { _, _ = bufio.NewReaderSize(response.Body, 16).WriteTo(discard{}) }()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = append(r.open, response)
	return nil
}

func (r *readers) close() {
	for _, response := range r.open {
		response.Body.Close()
	}
}

type discard struct{}

// Write implements io.Writer.
func (discard) Write(p []byte) (int, error) { return len(p), nil }
