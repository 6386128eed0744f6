package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/share"
	"github.com/irmad/irmaserver/bench/internal/target"
	"github.com/irmad/irmaserver/scheme"
)

// profileSessions is how many sessions go on together while the server makes its
// profile, so that it is busy most of the time.
const profileSessions = 1500

// shares prints what irmad spends its processor time on in whole sessions over
// HTTP, and leaves the profiles for go tool pprof.
func shares(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "irmad-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{settings: s, schemes: filepath.Join(dir, "schemes")}
	log.Print("building irmad with a profiler")
	kind, err := target.BuildProfiled(ctx, dir)
	if err != nil {
		return err
	}
	if err := prove.WriteScheme(b.schemes); err != nil {
		return fmt.Errorf("making a scheme: %w", err)
	}
	if b.set, err = scheme.LoadDir(b.schemes, scheme.Options{}); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	return b.with(ctx, kind, func(server *target.Server) error {
		for _, k := range kindsOfSession {
			if err := b.shareOf(ctx, server, k); err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
		}
		return nil
	})
}

// shareOf prints the figures of sessions of a kind.
func (b *bench) shareOf(ctx context.Context, server *target.Server, k kindOfSession) error {
	p, err := k.prove(b, prove.Nth(0))
	if err != nil {
		return err
	}
	if _, err := perform(ctx, server, p, warmUp, crew); err != nil {
		return err
	}
	each, err := allocations(ctx, server, p)
	if err != nil {
		return err
	}
	log.Printf("%s sessions for %v", k.name, b.profile)
	data, seconds, err := b.profiled(ctx, server, p)
	if err != nil {
		return err
	}
	parts, err := share.Of(data)
	if err != nil {
		return err
	}
	file := filepath.Join(b.out, k.name+".pprof")
	fmt.Printf("\n%s sessions, %d allocations of %d bytes each; for more: go tool pprof %s\n\n%s\n",
		k.name, each.Objects, each.Bytes, file, share.Table(parts, seconds))
	return os.WriteFile(file, data, 0o644)
}

// allocations returns what the server allocates for a session.
func allocations(ctx context.Context, server *target.Server, p *prove.Prover) (target.Allocations, error) {
	before, err := server.Allocations(ctx)
	if err != nil {
		return before, err
	}
	if _, err := perform(ctx, server, p, profileSessions, crew); err != nil {
		return before, err
	}
	after, err := server.Allocations(ctx)
	return target.Allocations{
		Objects: (after.Objects - before.Objects) / profileSessions,
		Bytes:   (after.Bytes - before.Bytes) / profileSessions,
	}, err
}

// profiled does sessions while the server makes a profile, and returns it with the
// processor time per session in seconds.
func (b *bench) profiled(ctx context.Context, server *target.Server, p *prove.Prover) (data []byte, seconds float64, err error) {
	type outcome struct {
		data []byte
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		data, err := server.CPUProfile(ctx, b.profile)
		done <- outcome{data, err}
	}()
	for rounds := 1.; ; rounds++ {
		w, err := perform(ctx, server, p, profileSessions, crew)
		if err != nil {
			return nil, 0, err
		}
		seconds += (w.cpu() - seconds) / rounds // the mean
		select {
		case made := <-done:
			return made.data, seconds, made.err
		default:
		}
	}
}
