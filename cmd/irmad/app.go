package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// app is a configured server that does not listen yet.
type app struct {
	settings *settings
	log      *zap.Logger
	schemes  *scheme.Set
	irma     *irmaserver.Server // to be closed
	handler  http.Handler
}

// configure makes an app of the arguments and environment of a command.
func configure(p *process) (*app, error) {
	s, err := readSettings(p.args, p.env)
	if err != nil {
		return nil, err
	}
	log := newLogger(s, p.stderr)
	if !s.Quiet {
		p.log = log
	}
	mode := "development"
	if s.Production {
		mode = "production"
	}
	log.Info("irmad starts", zap.String("mode", mode), zap.Int("verbosity", s.Verbose), zap.String("version", buildVersion()))
	if s.file == "" {
		log.Info("no configuration file found")
	} else {
		log.Info("configuration file", zap.String("path", s.file))
	}
	for _, warning := range s.warnings {
		log.Warn("configuration: " + warning)
	}
	return newApp(s, p.env, log)
}

// newApp checks the settings against each other and the schemes.
func newApp(s *settings, environ []string, log *zap.Logger) (*app, error) {
	schemes, err := loadSchemes(s, environ, log)
	if err != nil {
		return nil, err
	}
	warnings, err := s.completeURL()
	if err != nil {
		return nil, err
	}
	risks, err := checkOpenness(s, schemes)
	if err != nil {
		return nil, err
	}
	for _, warning := range append(warnings, risks...) {
		log.Warn("configuration: " + warning)
	}
	log.Info("serving schemes", zap.Strings("schemes", schemeNames(schemes)))
	log.Debug("configuration", zap.Any("settings", s.shown()))
	server, err := newServer(s, schemes, log)
	if err != nil {
		return nil, err
	}
	handler := newHandler(server, s.APIPrefix)
	if s.Verbose > 1 {
		handler = logRequests(handler, log.Named("http"))
	}
	return &app{s, log, schemes, server, handler}, nil
}

// newServer makes the server that the settings describe.
func newServer(s *settings, schemes *scheme.Set, log *zap.Logger) (*irmaserver.Server, error) {
	key, warnings, err := s.jwtKey()
	if err != nil {
		return nil, err
	}
	static, err := s.staticSessions()
	if err != nil {
		return nil, err
	}
	origins, err := s.allowedOrigins()
	if err != nil {
		return nil, err
	}
	if len(static) > 0 {
		log.Info("serving static sessions", zap.Strings("names", slices.Sorted(maps.Keys(static))))
	}
	if len(static) > 0 && key == nil {
		warnings = append(warnings, "results of static sessions are not signed: keep their callback URLs secret, as whoever knows one can post results to it")
	}
	for _, warning := range warnings {
		log.Warn("configuration: " + warning)
	}
	server, err := irmaserver.New(irmaserver.Config{
		Schemes:                schemes,
		URL:                    s.URL,
		Production:             s.Production,
		Logger:                 log,
		SessionLifetime:        s.sessionLifetime(),
		ResultLifetime:         s.resultLifetime(),
		JWTKey:                 key,
		JWTIssuer:              s.JWTIssuer,
		AllowUnsignedCallbacks: s.AllowUnsignedCallbacks,
		AugmentClientReturnURL: s.AugmentClientReturnURL,
		AuthorizeNext:          permitAll,
		StaticSessions:         static,
		NestedLegacyResults:    s.NestedLegacyResults,
		NoEvents:               !s.SSE,
		AllowedOrigins:         origins,
	})
	if err != nil {
		return nil, fmt.Errorf("making the server: %w", err)
	}
	return server, nil
}

// permitAll lets follow-up sessions be what any session may be where requestors
// are not told apart.
func permitAll(context.Context, string, *irma.SessionRequest) error { return nil }

// checkOpenness decides whether serving without authentication is acceptable
// (spec 06 §4.2).
func checkOpenness(s *settings, schemes *scheme.Set) (risks []string, err error) {
	if !issuesForReal(schemes) {
		return []string{"authentication of incoming session requests disabled: anyone who can reach this server can use it"}, nil
	}
	if s.Production {
		return nil, errors.New("private keys of issuers are installed, and without requestor authentication anyone who can reach this server could issue with them in production; " +
			"remove the keys, as this version of irmad has no requestor authentication")
	}
	return []string{"issuance enabled and private keys installed: anyone who can reach this server can use it to issue attributes"}, nil
}
