package main

import (
	"crypto/rsa"
	"crypto/tls"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/auth"
	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// live is what can be replaced while serving: requestors with their keys and
// permissions, and certificates. So can the key that signs results, which is the
// engine's.
type live struct {
	gate     *gate
	server   keyPair
	client   keyPair
	replays  *replays // of all requestors; nil when each remembers its own in memory
	warnings []string // about what is in use now
	inUse    atomic.Pointer[next]
}

// next is what live is replaced with, after all of it has been checked.
type next struct {
	settings       *config.Settings
	permissions    auth.Config
	requestors     *auth.Authenticator
	server, client *tls.Certificate
	jwtKey         *rsa.PrivateKey // nil if results are not signed; not set at the start
	warnings       []string
}

func newLive(s *config.Settings, schemes *schemeSource) (*live, error) {
	l := &live{gate: new(gate), replays: newReplays(s)}
	n, err := prepare(s, schemes, l.replays)
	if err != nil {
		return nil, err
	}
	l.replace(n)
	return l, nil
}

// replace puts the new things into use: new requests and connections see them.
func (l *live) replace(n *next) {
	if before := l.gate.current.Load(); before != nil {
		n.requestors.TakeOver(before)
	}
	l.inUse.Store(n)
	l.gate.current.Store(n.requestors)
	l.server.current.Store(n.server)
	l.client.current.Store(n.client)
	l.warnings = n.warnings
}

// prepare makes of the settings what can be replaced.
func prepare(s *config.Settings, schemes *schemeSource, used *replays) (n *next, err error) {
	n = &next{settings: s}
	if n.warnings, err = s.Openness(schemes.Current()); err != nil {
		return nil, err
	}
	cfg, err := s.AuthConfig()
	if err != nil {
		return nil, err
	}
	if used != nil {
		cfg.Replays = used
	}
	a, mistakes, err := newAuthenticator(cfg)
	if err != nil {
		return nil, err
	}
	if err := s.CheckPorts(); err != nil {
		return nil, err
	}
	if n.server, err = s.ServerCertificate().Load(); err != nil {
		return nil, err
	}
	if s.ClientPort != 0 {
		if n.client, err = s.ClientCertificate().Load(); err != nil {
			return nil, err
		}
	}
	if err := auth.CheckPermissions(checkable(cfg, schemes.pending()), schemes.Current(), !s.SkipPrivateKeysCheck); err != nil {
		return nil, err
	}
	if mistakes != nil {
		return nil, mistakes
	}
	n.requestors, n.permissions = a, cfg
	n.warnings = append(n.warnings, riskyCertificates(s, n)...)
	n.warnings = append(n.warnings, a.Warnings()...)
	if revokes(cfg) {
		n.warnings = append(n.warnings, "revoke_perms has no effect: this version of irmad has no revocation")
	}
	return n, nil
}

// prepareJWTKey adds the key that signs results.
func prepareJWTKey(s *config.Settings, n *next) error {
	key, warnings, err := s.JWTKey()
	if err != nil {
		return err
	}
	n.jwtKey, n.warnings = key, append(n.warnings, warnings...)
	return nil
}

// allows returns the function that tells why new schemes cannot be used: with them
// strangers could issue. Permissions for what they do not have are only logged.
func (l *live) allows(log *zap.Logger) func(*scheme.Set) error {
	return func(set *scheme.Set) error {
		n := l.inUse.Load()
		if _, err := n.settings.Openness(set); err != nil {
			return err
		}
		if err := auth.CheckPermissions(n.permissions, set, !n.settings.SkipPrivateKeysCheck); err != nil {
			log.Warn("the new schemes do not have what permissions name", zap.Error(err))
		}
		return nil
	}
}

// checkable returns the configuration with the permissions that can be checked
// before schemes that are pending have been fetched.
func checkable(cfg auth.Config, pending map[irma.SchemeID]bool) auth.Config {
	trim := func(p auth.Permissions) auth.Permissions {
		return auth.Permissions{
			Disclose: known(p.Disclose, pending), Sign: known(p.Sign, pending),
			Issue: known(p.Issue, pending), Revoke: known(p.Revoke, pending),
		}
	}
	cfg.Global = trim(cfg.Global)
	cfg.Requestors = slices.Clone(cfg.Requestors)
	for i := range cfg.Requestors {
		cfg.Requestors[i].Permissions = trim(cfg.Requestors[i].Permissions)
	}
	return cfg
}

func riskyCertificates(s *config.Settings, n *next) []string {
	warnings := []string{
		s.ServerCertificate().Warning(n.server, time.Now()),
		s.ClientCertificate().Warning(n.client, time.Now()),
	}
	return slices.DeleteFunc(warnings, func(w string) bool { return w == "" })
}

// revokes reports whether anybody is permitted to revoke.
func revokes(cfg auth.Config) bool {
	return len(cfg.Global.Revoke) > 0 ||
		slices.ContainsFunc(cfg.Requestors, func(r auth.Requestor) bool { return len(r.Permissions.Revoke) > 0 })
}
