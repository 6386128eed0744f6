// Command bench compares irmad with the server of irmago v1.3.0, both built here,
// both run here as processes with the same flags, schemes and requests, one after
// the other in every round:
//
//	cd bench && go run . -quick     # a minute: does everything work?
//	cd bench && go run .            # the full comparison, half an hour
//	cd bench && go run . -share     # what irmad spends its time on
//
// It writes results.json, a plot (SVG) per figure that grows with something, and
// results.md, a table; with -docs it puts that table into docs/performance.md.
//
// What is compared is mostly the processor time of the servers, as the kernel
// counts it, and their memory: those say the same on a busy machine. The proofs
// are made in advance as far as possible, as described at prove.Prover, so that
// this program leaves the processors to the servers. It needs Linux, and for the
// full comparison 16 GB of memory and 20500 file descriptors (ulimit -Hn); with fewer
// it opens fewer event streams.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/irmad/irmaserver/bench/internal/measure"
	"github.com/irmad/irmaserver/bench/internal/prove"
	"github.com/irmad/irmaserver/bench/internal/target"
	"github.com/irmad/irmaserver/scheme"
)

func main() {
	log.SetFlags(log.Ltime)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := options()
	run := compare
	if s.share {
		run = shares
	}
	if err := run(ctx, s); err != nil {
		stop()
		log.Fatal(err)
	}
}

// settings are what the flags say.
type settings struct {
	size
	out   string
	docs  string
	share bool
	only  map[string]bool // nil for all
}

func options() settings {
	var s settings
	quick := flag.Bool("quick", false, "little of everything, to see that it works")
	only := flag.String("only", "", "comma-separated scenarios: "+strings.Join(scenarioNames(), ", "))
	flag.StringVar(&s.out, "out", "results", "directory for results")
	flag.StringVar(&s.docs, "docs", "", "file whose table to replace, such as ../docs/performance.md")
	flag.BoolVar(&s.share, "share", false, "instead, how much of irmad's time goes into arithmetic")
	flag.Parse()
	s.size = full
	if *quick {
		s.size = small
	}
	if *only != "" {
		s.only = make(map[string]bool)
		for _, name := range strings.Split(*only, ",") {
			s.only[name] = true
		}
	}
	return s
}

// bench is one comparison.
type bench struct {
	settings
	report  *measure.Report
	kinds   [2]*target.Kind
	schemes string // directory
	set     *scheme.Set
}

func compare(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "irmad-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{settings: s, schemes: filepath.Join(dir, "schemes")}
	log.Print("building both servers")
	if b.kinds[0], b.kinds[1], err = target.Build(ctx, dir); err != nil {
		return err
	}
	if err := prove.WriteScheme(b.schemes); err != nil {
		return fmt.Errorf("making a scheme: %w", err)
	}
	if b.set, err = scheme.LoadDir(b.schemes, scheme.Options{}); err != nil {
		return err
	}
	b.report = &measure.Report{
		Command: "cd bench && go run . " + strings.Join(os.Args[1:], " "),
		Servers: map[string]string{b.kinds[0].Name: b.kinds[0].Version, b.kinds[1].Name: b.kinds[1].Version},
		Machine: measure.ThisMachine(),
	}
	problem := b.measure(ctx)
	return errors.Join(problem, b.write())
}

// measure runs the scenarios. One that fails is reported at the end and does not
// keep the others from being measured.
func (b *bench) measure(ctx context.Context) error {
	var problems []error
	for _, scenario := range scenarios {
		if b.only != nil && !b.only[scenario.name] {
			continue
		}
		for round := range b.rounds {
			for _, kind := range b.kinds {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				log.Printf("%s, round %d of %d: %s", scenario.name, round+1, b.rounds, kind.Name)
				if err := scenario.run(ctx, b, kind); err != nil {
					problems = append(problems, fmt.Errorf("%s with %s: %w", scenario.name, kind.Name, err))
				}
			}
		}
	}
	return errors.Join(problems...)
}

// with runs f with a fresh server.
func (b *bench) with(ctx context.Context, kind *target.Kind, f func(*target.Server) error) error {
	s, err := target.Start(ctx, kind, b.schemes)
	if err != nil {
		return err
	}
	err = f(s)
	client.CloseIdleConnections()
	s.Stop()
	if err != nil {
		logged := s.Log()
		err = fmt.Errorf("%w\nthe end of its log:\n%s", err, logged[max(0, len(logged)-2000):])
	}
	return err
}
