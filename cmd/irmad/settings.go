package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// settings is the configuration after all sources have been combined.
type settings struct {
	SchemesPath            string   `koanf:"schemes_path"`
	Privkeys               string   `koanf:"privkeys"`
	URL                    string   `koanf:"url"` // completed by completeURL
	Port                   int      `koanf:"port"`
	ListenAddr             string   `koanf:"listen_addr"`
	APIPrefix              string   `koanf:"api_prefix"` // starts and ends with a slash
	NoAuth                 bool     `koanf:"no_auth"`
	MaxSessionLifetime     int      `koanf:"max_session_lifetime"`    // minutes; 0 is the default
	SessionResultLifetime  int      `koanf:"session_result_lifetime"` // minutes; 0 is the default
	SSE                    bool     `koanf:"sse"`
	JWTPrivkey             string   `koanf:"jwt_privkey"`
	JWTPrivkeyFile         string   `koanf:"jwt_privkey_file"`
	JWTIssuer              string   `koanf:"jwt_issuer"`
	AllowUnsignedCallbacks bool     `koanf:"allow_unsigned_callbacks"`
	AugmentClientReturnURL bool     `koanf:"augment_client_return_url"`
	StaticSessions         string   `koanf:"static_sessions"` // JSON; empty for none
	CORSAllowedOrigins     []string `koanf:"cors_allowed_origins"`
	NestedLegacyResults    bool     `koanf:"nested_legacy_results"`
	NoTLS                  bool     `koanf:"no_tls"`
	Production             bool     `koanf:"production"`
	Verbose                int      `koanf:"verbose"`
	Quiet                  bool     `koanf:"quiet"`
	LogJSON                bool     `koanf:"log_json"`

	file     string         // where the configuration file is; empty without one
	values   map[string]any // all settings under their names
	warnings []string       // about the configuration
}

// maxMinutes bounds lifetimes: a year.
const maxMinutes = 365 * 24 * 60

// readSettings combines defaults, configuration file, environment and flags, of
// which the later override the earlier, and checks each value by itself.
func readSettings(args, environ []string) (*settings, error) {
	flags, rest, err := parseFlags(args)
	if err != nil {
		return nil, err
	}
	vars, err := readEnv(environ)
	if err != nil {
		return nil, err
	}
	s := new(settings)
	for _, arg := range rest {
		s.warnings = append(s.warnings, fmt.Sprintf("argument %q has no effect", arg))
	}
	layers := []layer{vars, flags}
	if s.file = configFile(flags, vars, environ); s.file != "" {
		file, err := fileLayer(s.file)
		if err != nil {
			return nil, err
		}
		layers = append([]layer{file}, layers...)
	}
	if err := s.combine(layers); err != nil {
		return nil, err
	}
	return s, s.check()
}

// configFile returns the file that flags or environment name, or else the first
// that is found, or "".
func configFile(flags, vars layer, environ []string) string {
	for _, l := range []layer{flags, vars} {
		if path, ok := l.values["config"].(string); ok && path != "" {
			return path
		}
	}
	return findFile(variable(environ, "HOME"))
}

func (s *settings) combine(layers []layer) error {
	k := koanf.New(".")
	merge := func(values map[string]any) error { return k.Load(confmap.Provider(values, ""), nil) }
	if err := merge(defaults()); err != nil {
		return fmt.Errorf("setting defaults: %w", err)
	}
	for _, l := range layers {
		values, warnings, err := l.checked()
		if err != nil {
			return err
		}
		s.warnings = append(s.warnings, warnings...)
		if err := merge(values); err != nil {
			return fmt.Errorf("combining settings: %w", err)
		}
	}
	if !k.Exists("no_auth") {
		if err := merge(map[string]any{"no_auth": !k.Bool("production")}); err != nil {
			return fmt.Errorf("setting defaults: %w", err)
		}
	}
	s.values = k.Raw()
	if err := k.Unmarshal("", s); err != nil {
		return fmt.Errorf("combining settings: %w", err)
	}
	return nil
}

func defaults() map[string]any {
	values := map[string]any{}
	for _, o := range options {
		if o.available() && o.initial != nil {
			values[o.name] = o.initial
		}
	}
	return values
}

func (s *settings) check() error {
	if s.Port < 1 || s.Port > 65535 {
		return fmt.Errorf("port must be between 1 and 65535 (was %d)", s.Port)
	}
	if !strings.HasPrefix(s.APIPrefix, "/") {
		return fmt.Errorf("api_prefix must start with a slash, but doesn't: %s", s.APIPrefix)
	}
	if !strings.HasSuffix(s.APIPrefix, "/") {
		s.APIPrefix += "/"
	}
	for name, minutes := range map[string]int{"max_session_lifetime": s.MaxSessionLifetime, "session_result_lifetime": s.SessionResultLifetime} {
		if minutes < 0 || minutes > maxMinutes {
			return fmt.Errorf("%s must be between 0 and %d minutes (was %d)", name, maxMinutes, minutes)
		}
	}
	if !s.NoAuth {
		return errors.New("no_auth is false, but this version of irmad has no requestor authentication; " +
			"with --no-auth it serves anyone who can reach it, so keep the session endpoints away from the public")
	}
	return nil
}

// shown returns the settings without those that must not be logged.
func (s *settings) shown() map[string]any {
	out := maps.Clone(s.values)
	for _, o := range options {
		if o.secret && out[o.name] != zero(o.kind) {
			out[o.name] = "(hidden)"
		}
	}
	return out
}

func (s *settings) sessionLifetime() time.Duration {
	return time.Duration(s.MaxSessionLifetime) * time.Minute
}

func (s *settings) resultLifetime() time.Duration {
	return time.Duration(s.SessionResultLifetime) * time.Minute
}

// variable returns an environment variable; the last one counts, as in package
// os/exec.
func variable(environ []string, name string) string {
	var value string
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
