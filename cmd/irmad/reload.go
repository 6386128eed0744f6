package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/scheme"
)

// watchInterval is how often files are looked at for changes.
const watchInterval = 5 * time.Second

// schemesTicks is in how many of those looks schemes are looked at too, which have a
// thousand files.
const schemesTicks = 6

// reloader replaces what is live in an app when it is told to, or when a file
// changes that the configuration comes from. A configuration that is wrong
// changes nothing.
type reloader struct {
	app     *app
	process *process
	current *config.Settings // in use now
	files   []string         // to watch: of the last configuration that could be read, right or wrong
	loaded  config.Versions  // of the files that were read last
	ticks   int              // looks at files so far
}

func newReloader(a *app, p *process) *reloader {
	return &reloader{app: a, process: p, current: a.settings, files: a.settings.Files(), loaded: a.settings.Found}
}

// run reloads until ctx ends.
func (r *reloader) run(ctx context.Context) {
	interval := r.process.watchInterval
	if interval == 0 {
		interval = watchInterval
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	last := r.loaded
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.process.reload:
			r.survive(func() {
				r.reloadSchemes(ctx)
				r.reload("signal")
			})
		case <-tick.C:
			r.survive(func() { r.watchSchemes(ctx) })
			now := config.Look(r.files)
			// A file that still changes may be half written.
			if !maps.Equal(now, r.loaded) && maps.Equal(now, last) {
				r.survive(func() { r.reload("file changed") })
			}
			last = now
		}
	}
}

// survive calls f. A mistake of ours that new files bring to light must not end the
// server.
func (r *reloader) survive(f func()) {
	if err := caught.Do(func() error { f(); return nil }); err != nil {
		r.app.log.Named("reload").Error("reloading panicked, what is in use stays", zap.Error(err))
	}
}

// watchSchemes loads schemes and issuers' keys when they have changed.
func (r *reloader) watchSchemes(ctx context.Context) {
	if r.ticks++; r.ticks%schemesTicks != 0 {
		return
	}
	if err := r.app.schemes.reloadChanged(ctx); err != nil {
		r.schemesStay(err)
	}
}

// reloadSchemes loads schemes and issuers' keys, before a configuration that may
// name something in them.
func (r *reloader) reloadSchemes(ctx context.Context) {
	if err := r.app.schemes.reload(ctx); err != nil {
		r.schemesStay(err)
	}
}

func (r *reloader) schemesStay(err error) {
	r.app.operations.metrics.SchemesStay()
	r.app.log.Named("reload").Error("schemes and issuers' keys are not reloaded, the old ones stay", zap.Error(err))
}

// reload reads the configuration again and puts it into use if it is right.
func (r *reloader) reload(why string) {
	log := r.app.log.Named("reload")
	s, n, err := r.read()
	if err == nil {
		err = r.app.replace(n)
	}
	r.app.operations.metrics.Reloaded(err == nil, time.Now())
	if s != nil && !s.Strict { // else err tells it
		warn(log, s.Unknown) // perhaps why the rest is wrong
	}
	if err != nil {
		log.Error("the new configuration is not used, the old one stays", zap.String("cause", why), zap.Error(err))
		return
	}
	warn(log, n.warnings)
	if fixed := s.Fixed(r.app.settings); len(fixed) > 0 {
		log.Warn("some changed options need a restart", zap.Strings("options", fixed))
	}
	r.current = s
	log.Info("requestors, keys and certificates reloaded", zap.String("cause", why), zap.Int("requestors", s.RequestorCount()))
}

// replace puts the new things into use, unless strangers could issue with schemes that
// have come since n was prepared.
func (a *app) replace(n *next) error {
	err := a.schemes.unchanged(func(set *scheme.Set) error {
		if _, err := n.settings.Openness(set); err != nil {
			return err
		}
		if n.jwtKey != nil {
			if err := a.irma.SetJWTKey(n.jwtKey); err != nil {
				return err
			}
		}
		a.live.replace(n)
		return nil
	})
	if err != nil {
		return err
	}
	a.schemes.retake()
	return nil
}

// read returns the settings as they would be now, and what to put into use. The
// settings are returned once they can be read, also if they are wrong.
func (r *reloader) read() (*config.Settings, *next, error) {
	r.loaded = config.Look(r.files) // if it is wrong it is told once
	s, err := config.Read(r.process.Args, r.process.Env)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to read configuration: %w", err)
	}
	r.files, r.loaded = s.Files(), s.Found
	if s.Strict {
		if err := s.CheckKnown(); err != nil {
			return s, nil, err
		}
	}
	running := r.app.settings
	switch {
	case s.File != running.File:
		return s, nil, fmt.Errorf("the configuration file was %q and would be %q, which needs a restart", running.File, s.File)
	case s.Production != running.Production:
		return s, nil, errors.New("changing production needs a restart")
	case s.NoAuth && !r.current.NoAuth: // perhaps for want of a line in a file
		return s, nil, errors.New("turning off authentication needs a restart")
	}
	mixed := running.WithLive(s)
	n, err := prepare(mixed, r.app.schemes, r.app.live.replays)
	if err != nil {
		return s, nil, err
	}
	if err := prepareJWTKey(mixed, n); err != nil {
		return s, nil, err
	}
	if live := r.app.live; (n.server == nil) != (live.server.current.Load() == nil) || (n.client == nil) != (live.client.current.Load() == nil) {
		return s, nil, errors.New("turning TLS on or off needs a restart")
	}
	if (n.jwtKey == nil) != (running.JWTPrivkey == "" && running.JWTPrivkeyFile == "") {
		return s, nil, errors.New("signing results with jwt_privkey, or signing them no more, needs a restart")
	}
	return s, n, nil
}
