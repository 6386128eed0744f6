package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/installed"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/scheme/update"
)

// schemeSource is where a server has its schemes from: a directory that is kept up
// to date and, outside production, the embedded demo scheme. It implements
// irmaserver.SchemeRefresher.
type schemeSource struct {
	log      *zap.Logger
	narrator *schemeNarrator
	updater  *update.Updater // nil without a directory
	updates  bool            // fetch newer schemes
	awaited  []irma.SchemeID // will be fetched if they are not there
	embedded *scheme.Set     // nil in production
	current  atomic.Pointer[scheme.Set]
	news     chan struct{} // holds something after current has changed

	mu      sync.Mutex              // guards the fields below
	taken   *scheme.Set             // looked at last
	refused bool                    // which were not allowed
	told    map[string]bool         // problems of schemes
	allowed func(*scheme.Set) error // whether the server may use the schemes; nil before it is configured
}

// fixedSchemes is a source of schemes that stay the same.
func fixedSchemes(set *scheme.Set) *schemeSource {
	s := newSchemeSource(zap.NewNop(), nil)
	s.current.Store(set)
	return s
}

func newSchemeSource(log *zap.Logger, embedded *scheme.Set) *schemeSource {
	return &schemeSource{
		log: log, narrator: newSchemeNarrator(log), embedded: embedded,
		news: make(chan struct{}, 1), told: map[string]bool{},
	}
}

// openSchemes loads what is on disk. Nothing is fetched before run, and if readOnly
// nothing is written either.
func openSchemes(s *config.Settings, p *process, log *zap.Logger, readOnly bool) (*schemeSource, error) {
	if err := s.CheckSchemes(); err != nil {
		return nil, err
	}
	source := newSchemeSource(log, nil)
	if !s.Production {
		embedded, err := demo.Set()
		if err != nil {
			return nil, fmt.Errorf("loading the demo scheme: %w", err)
		}
		source.embedded = embedded
	}
	if err := source.open(s, p, readOnly); err != nil {
		return nil, err
	}
	if err := source.take(); err != nil {
		return nil, err
	}
	if s.Production && source.empty() {
		if len(source.awaited) == 0 {
			return nil, errors.New("there are no valid schemes to serve in production; put them into a directory and name that with schemes_path")
		}
		log.Warn("there are no schemes yet: the server is not ready before one has been fetched")
	}
	return source, nil
}

func (s *schemeSource) empty() bool { return len(installed.SchemeNames(s.Current())) == 0 }

// open makes the updater, if there is a directory.
func (s *schemeSource) open(c *config.Settings, p *process, readOnly bool) error {
	dir, err := c.SchemesDir(p.Env)
	if err != nil {
		return err
	}
	if dir == "" && c.SchemesUpdate > 0 {
		dir = s.makeDir(p.Env, readOnly)
	}
	switch {
	case dir == "" && c.Privkeys != "":
		return installed.ErrKeysAlone
	case dir == "":
		return nil
	}
	opts, err := c.KeyRing()
	if err != nil {
		return err
	}
	s.updates = c.SchemesUpdate > 0
	cfg := update.Config{
		Dir: dir, Options: opts, Mirror: c.SchemesMirror, PlainHTTP: c.PlainSchemes(),
		Interval: time.Duration(c.SchemesUpdate) * time.Minute,
		Observer: s.narrator.event, ReadOnly: readOnly,
	}
	if cfg.Schemes, err = copyAssets(dir, c.AssetsDir(p.Env), s.log, readOnly); err != nil {
		return err
	}
	if s.updates && len(cfg.Schemes) == 0 {
		cfg.Schemes = installed.Defaults(dir, p.defaultSchemes)
	}
	for _, awaited := range cfg.Schemes {
		s.awaited = append(s.awaited, awaited.ID)
	}
	if p.tuneSchemes != nil {
		p.tuneSchemes(&cfg)
	}
	if s.updater, err = update.New(cfg); err != nil {
		return err
	}
	s.log.Debug("schemes loaded", zap.String("schemes_path", dir))
	return nil
}

// Current returns the newest schemes that the server may use.
func (s *schemeSource) Current() *scheme.Set { return s.current.Load() }

// Refresh looks for newer versions of schemes, in the background.
func (s *schemeSource) Refresh(ids ...irma.SchemeID) {
	if s.updates {
		s.updater.Refresh(ids...)
	}
}

// run keeps the schemes up to date until ctx ends.
func (s *schemeSource) run(ctx context.Context) {
	if !s.updates {
		return
	}
	if pending := s.pending(); len(pending) > 0 {
		s.log.Info("fetching schemes in the background", zap.Any("schemes", slices.Sorted(maps.Keys(pending))))
	}
	_ = s.updater.Watch(ctx, func(*scheme.Set) { _ = s.take() }) // which has logged why not
}

// reload loads the schemes and private keys on disk. If that fails the ones in
// memory stay.
func (s *schemeSource) reload(ctx context.Context) error {
	if s.updater == nil {
		return nil
	}
	return errors.Join(s.updater.Reload(ctx), s.take())
}

// reloadChanged is reload if files have changed.
func (s *schemeSource) reloadChanged(ctx context.Context) error {
	if s.updater == nil {
		return nil
	}
	return errors.Join(s.updater.ReloadChanged(ctx), s.take())
}

// take puts new schemes into use, if the server may use them; otherwise the ones
// in use stay. The updater is asked under the lock, so that nobody puts an older
// set back.
func (s *schemeSource) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := new(scheme.Set)
	if s.updater != nil {
		set = s.updater.Current()
	}
	if set == s.taken {
		return nil
	}
	s.taken, s.refused = set, false
	all, err := installed.WithDemo(set, s.embedded)
	if err == nil && s.allowed != nil {
		err = s.allowed(all)
	}
	if err != nil {
		s.refused = true
		s.log.Error("the new schemes and keys are not used, the old ones stay", zap.Error(err))
		return err
	}
	s.tellProblems(all)
	s.current.Store(all)
	s.log.Info("serving schemes", zap.Strings("schemes", installed.SchemeNames(all)))
	select {
	case s.news <- struct{}{}:
	default: // is known
	}
	return nil
}

// retake takes schemes that were refused, as there is a new configuration.
func (s *schemeSource) retake() {
	s.mu.Lock()
	refused := s.refused
	if refused {
		s.taken = nil
	}
	s.mu.Unlock()
	if refused {
		_ = s.take() // which logs why not
	}
}

// unchanged calls do with the schemes in use, which stay so until it returns.
func (s *schemeSource) unchanged(do func(*scheme.Set) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return do(s.Current())
}

// guard has new schemes checked before they are used.
func (s *schemeSource) guard(allowed func(*scheme.Set) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed = allowed
}

// tellProblems logs what is wrong with schemes and was not so before. The caller
// holds mu.
func (s *schemeSource) tellProblems(set *scheme.Set) {
	now := map[string]bool{}
	for _, problem := range set.Problems() {
		text := problem.String()
		if now[text] = true; !s.told[text] {
			s.log.Warn("scheme has a problem", zap.String("problem", text))
		}
	}
	s.told = now
}

// pending returns the schemes that are still to be fetched.
func (s *schemeSource) pending() map[irma.SchemeID]bool {
	out := map[irma.SchemeID]bool{}
	for _, id := range s.awaited {
		out[id] = true
	}
	maps.DeleteFunc(out, func(id irma.SchemeID, _ bool) bool { return s.Current().Scheme(id) != nil })
	return out
}

// known returns the permissions that can be checked now: those that are not about
// schemes still to be fetched.
func known(list []string, pending map[irma.SchemeID]bool) []string {
	return slices.DeleteFunc(slices.Clone(list), func(permission string) bool {
		return pending[irma.CredentialTypeID(permission).Scheme()]
	})
}
