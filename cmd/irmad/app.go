package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/cmd/irmad/internal/endpoint"
	"github.com/irmad/irmaserver/cmd/irmad/internal/storage"
)

// app is a configured server that does not listen yet.
type app struct {
	settings  *config.Settings
	log       *zap.Logger
	schemes   *schemeSource
	irma      *irmaserver.Server // to be closed
	sessions  *storage.Sessions
	endpoints []endpoint.Endpoint
	live      *live // what can be replaced while serving

	spare int // threads to have besides those that compute

	operations   *operations
	notifySocket string // of systemd; empty without it
}

// configure makes an app of the arguments and environment of a command. The
// settings are returned once they can be read, also if they are wrong. If
// strict, or if the settings say so, unknown settings are errors.
func configure(p *process, strict bool) (*config.Settings, *app, error) {
	s, err := config.Read(p.Args, p.Env)
	if err != nil {
		return nil, nil, &readError{err}
	}
	s.Dry = strict
	log := s.Logger(p.Stderr)
	if !s.Quiet {
		p.Log = log
	}
	if err := begin(s, log, strict); err != nil {
		return s, nil, err
	}
	a, err := newApp(s, p, log, strict)
	return s, a, err
}

// begin says what starts, with which file, and what is not known in it.
func begin(s *config.Settings, log *zap.Logger, strict bool) error {
	mode := "development"
	if s.Production {
		mode = "production"
	}
	log.Info("irmad starts", zap.String("mode", mode), zap.Int("verbosity", s.Verbose), zap.String("version", buildVersion()))
	if s.File == "" {
		log.Info("no configuration file found")
	} else {
		log.Info("configuration file", zap.String("path", s.File))
	}
	if strict || s.Strict {
		if err := s.CheckKnown(); err != nil {
			return err
		}
	}
	warn(log, s.Unknown)
	return nil
}

// readError is a failure to read the settings, before they can be checked.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

func warn(log *zap.Logger, warnings []string) {
	for _, warning := range warnings {
		log.Warn("configuration: " + warning)
	}
}

// newApp checks the settings against each other and the schemes, in the order of
// spec 06 §4.
func newApp(s *config.Settings, p *process, log *zap.Logger, readOnly bool) (*app, error) {
	schemes, err := openSchemes(s, p, log, readOnly)
	if err != nil {
		return nil, err
	}
	warnings, err := s.CompleteURL()
	if err != nil {
		return nil, err
	}
	cfg, err := serverConfig(s, log)
	if err != nil {
		return nil, err
	}
	cfg.CryptoWorkers = p.workers
	if err := s.CheckStore(); err != nil {
		return nil, err
	}
	live, err := newLive(s, schemes)
	if err != nil {
		return nil, err
	}
	if err := s.CheckStaticFiles(); err != nil {
		return nil, err
	}
	warn(log, slices.Concat(s.Warnings, warnings, s.Exposed(), live.warnings))
	schemes.guard(live.allows(log))
	if entry := log.Check(zap.DebugLevel, "configuration"); entry != nil {
		entry.Write(zap.Any("settings", s.Shown()))
	}
	ops, err := newOperations(s, cfg)
	if err != nil {
		return nil, err
	}
	cfg.Schemes, cfg.AuthorizeNext, cfg.Observer = schemes, live.gate.authorize, ops
	cfg.Authenticator = ops.limiter.Authenticator(live.gate)
	sessions, err := storage.Open(s)
	if err != nil {
		return nil, err
	}
	warn(log, sessions.Warnings)
	if sessions.Store != nil {
		cfg.Store = ops.metrics.Store(sessions.Store)
		live.replays.keepIn(cfg.Store)
	}
	server, err := irmaserver.New(cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making the server: %w", err), sessions.Close())
	}
	schemes.narrator.checked = ops.metrics.SchemeChecked // before anything is fetched
	ops.watch(server, sessions, schemes.Current)
	a := &app{settings: s, log: log, schemes: schemes, irma: server, sessions: sessions, live: live}
	a.spare = p.spare
	a.operations, a.notifySocket = ops, cli.Variable(p.Env, "NOTIFY_SOCKET")
	if a.endpoints, err = a.newEndpoints(); err != nil {
		_ = a.close() // it has done nothing
		return nil, err
	}
	return a, nil
}

// serverConfig returns the part of the server's configuration that concerns the
// settings alone.
func serverConfig(s *config.Settings, log *zap.Logger) (cfg irmaserver.Config, err error) {
	if err := s.CheckLifetimes(); err != nil {
		return cfg, err
	}
	cfg = irmaserver.Config{
		URL:                    s.URL,
		Production:             s.Production,
		Logger:                 log,
		SessionLifetime:        time.Duration(s.MaxSessionLifetime) * time.Minute,
		ResultLifetime:         time.Duration(s.SessionResultLifetime) * time.Minute,
		JWTIssuer:              s.JWTIssuer,
		AllowUnsignedCallbacks: s.AllowUnsignedCallbacks,
		AugmentClientReturnURL: s.AugmentClientReturnURL,
		NestedLegacyResults:    s.NestedLegacyResults,
		NoEvents:               !s.SSE,
	}
	var warnings []string
	if cfg.JWTKey, warnings, err = s.JWTKey(); err != nil {
		return cfg, err
	}
	s.Warnings = append(s.Warnings, warnings...)
	if cfg.StaticSessions, err = s.StaticRequests(); err != nil {
		return cfg, err
	}
	if len(cfg.StaticSessions) > 0 {
		log.Info("serving static sessions", zap.Strings("names", slices.Sorted(maps.Keys(cfg.StaticSessions))))
		if cfg.JWTKey == nil {
			s.Warnings = append(s.Warnings, "results of static sessions are not signed: keep their callback URLs secret, as whoever knows one can post results to it")
		}
	}
	cfg.AllowedOrigins, err = s.AllowedOrigins()
	return cfg, err
}
