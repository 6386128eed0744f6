package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"time"

	"go.uber.org/zap"

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
	current *settings // in use now
	files   []string  // to watch: of the last configuration that could be read, right or wrong
	loaded  versions  // of the files that were read last
	ticks   int       // looks at files so far
}

// versions are those of files by name.
type versions map[string]fileVersion

// fileVersion tells contents of a file apart without reading them.
type fileVersion struct {
	size     int64
	modified time.Time
}

func newReloader(a *app, p *process) *reloader {
	return &reloader{app: a, process: p, current: a.settings, files: a.settings.files(), loaded: a.settings.read}
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
			r.reloadSchemes(ctx)
			r.reload("signal")
		case <-tick.C:
			r.watchSchemes(ctx)
			now := look(r.files)
			// A file that still changes may be half written.
			if !maps.Equal(now, r.loaded) && maps.Equal(now, last) {
				r.reload("file changed")
			}
			last = now
		}
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

// look returns the versions of files. A file that is not there has none.
func look(files []string) versions {
	out := versions{}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			out[path] = fileVersion{info.Size(), info.ModTime()}
		}
	}
	return out
}

// files returns those that hold what can be replaced.
func (s *settings) files() []string {
	files := []string{s.JWTPrivkeyFile, s.TLSCertFile, s.TLSPrivkeyFile, s.ClientTLSCertFile, s.ClientTLSPrivkeyFile}
	if s.file != "" {
		files = append(files, s.file)
	}
	for _, r := range s.requestors {
		files = append(files, r.KeyFile)
	}
	return files
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
		warn(log, s.unknown) // perhaps why the rest is wrong
	}
	if err != nil {
		log.Error("the new configuration is not used, the old one stays", zap.String("cause", why), zap.Error(err))
		return
	}
	warn(log, n.warnings)
	if fixed := r.fixed(s); len(fixed) > 0 {
		log.Warn("some changed options need a restart", zap.Strings("options", fixed))
	}
	r.current = s
	log.Info("requestors, keys and certificates reloaded", zap.String("cause", why), zap.Int("requestors", len(s.requestors)))
}

// replace puts the new things into use, unless strangers could issue with schemes that
// have come since n was prepared.
func (a *app) replace(n *next) error {
	err := a.schemes.unchanged(func(set *scheme.Set) error {
		if _, err := n.settings.openness(set); err != nil {
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
func (r *reloader) read() (*settings, *next, error) {
	r.loaded = look(r.files) // if it is wrong it is told once
	s, err := readSettings(r.process.Args, r.process.Env)
	if err != nil {
		return nil, nil, fmt.Errorf("failed to read configuration: %w", err)
	}
	r.files, r.loaded = s.files(), s.read
	if s.Strict {
		if err := s.checkKnown(); err != nil {
			return s, nil, err
		}
	}
	running := r.app.settings
	switch {
	case s.file != running.file:
		return s, nil, fmt.Errorf("the configuration file was %q and would be %q, which needs a restart", running.file, s.file)
	case s.Production != running.Production:
		return s, nil, errors.New("changing production needs a restart")
	case s.NoAuth && !r.current.NoAuth: // perhaps for want of a line in a file
		return s, nil, errors.New("turning off authentication needs a restart")
	}
	mixed, err := running.withLive(s)
	if err != nil {
		return s, nil, err
	}
	n, err := mixed.prepare(r.app.schemes, r.app.live.replays)
	if err != nil {
		return s, nil, err
	}
	if err := mixed.prepareJWTKey(n); err != nil {
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

// withLive returns the settings with those of the other that can change while
// serving.
func (s *settings) withLive(other *settings) (*settings, error) {
	values, out := maps.Clone(s.values), new(settings)
	for _, o := range options {
		if o.live {
			values[o.name] = other.values[o.name]
		}
	}
	if err := out.fill(values); err != nil {
		return nil, err
	}
	out.URL, out.requestors = s.URL, other.requestors
	return out, nil
}

// fixed returns the options that have other values than those in use.
func (r *reloader) fixed(s *settings) []string {
	var names []string
	for _, o := range options {
		if o.available() && !o.live && !reflect.DeepEqual(s.values[o.name], r.app.settings.values[o.name]) {
			names = append(names, o.name)
		}
	}
	return names
}
