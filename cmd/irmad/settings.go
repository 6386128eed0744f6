package main

import (
	"fmt"
	"io"
	"maps"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// settings is the configuration after all sources have been combined.
type settings struct {
	Strict                 bool     `koanf:"strict"`
	Production             bool     `koanf:"production"`
	SchemesPath            string   `koanf:"schemes_path"`
	SchemesAssetsPath      string   `koanf:"schemes_assets_path"`
	SchemesUpdate          int      `koanf:"schemes_update"` // minutes; 0 is never
	SchemesMirror          string   `koanf:"schemes_mirror"`
	Privkeys               string   `koanf:"privkeys"`
	URL                    string   `koanf:"url"` // completed by completeURL
	Port                   int      `koanf:"port"`
	ListenAddr             string   `koanf:"listen_addr"`
	APIPrefix              string   `koanf:"api_prefix"` // starts and ends with a slash
	ClientPort             int      `koanf:"client_port"`
	ClientListenAddr       string   `koanf:"client_listen_addr"`
	StaticPath             string   `koanf:"static_path"`
	StaticPrefix           string   `koanf:"static_prefix"` // starts and ends with a slash
	CORSAllowedOrigins     []string `koanf:"cors_allowed_origins"`
	TLSCert                string   `koanf:"tls_cert"`
	TLSCertFile            string   `koanf:"tls_cert_file"`
	TLSPrivkey             string   `koanf:"tls_privkey"`
	TLSPrivkeyFile         string   `koanf:"tls_privkey_file"`
	ClientTLSCert          string   `koanf:"client_tls_cert"`
	ClientTLSCertFile      string   `koanf:"client_tls_cert_file"`
	ClientTLSPrivkey       string   `koanf:"client_tls_privkey"`
	ClientTLSPrivkeyFile   string   `koanf:"client_tls_privkey_file"`
	NoTLS                  bool     `koanf:"no_tls"`
	NoAuth                 bool     `koanf:"no_auth"`
	Requestors             string   `koanf:"requestors"` // JSON; empty for none
	DisclosePerms          []string `koanf:"disclose_perms"`
	SignPerms              []string `koanf:"sign_perms"`
	IssuePerms             []string `koanf:"issue_perms"`
	RevokePerms            []string `koanf:"revoke_perms"`
	SkipPrivateKeysCheck   bool     `koanf:"skip_private_keys_check"`
	MaxRequestAge          int      `koanf:"max_request_age"`         // seconds
	MaxSessionLifetime     int      `koanf:"max_session_lifetime"`    // minutes; 0 is the default
	SessionResultLifetime  int      `koanf:"session_result_lifetime"` // minutes; 0 is the default
	SSE                    bool     `koanf:"sse"`
	StaticSessions         string   `koanf:"static_sessions"` // JSON; empty for none
	AugmentClientReturnURL bool     `koanf:"augment_client_return_url"`
	JWTPrivkey             string   `koanf:"jwt_privkey"`
	JWTPrivkeyFile         string   `koanf:"jwt_privkey_file"`
	JWTIssuer              string   `koanf:"jwt_issuer"`
	AllowUnsignedCallbacks bool     `koanf:"allow_unsigned_callbacks"`
	NestedLegacyResults    bool     `koanf:"nested_legacy_results"`
	Verbose                int      `koanf:"verbose"`
	Quiet                  bool     `koanf:"quiet"`
	LogJSON                bool     `koanf:"log_json"`

	storeSettings     `koanf:",squash"`
	redisSettings     `koanf:",squash"`
	operationSettings `koanf:",squash"`

	read     versions          // of all files that settings are in or name, from before they were read
	file     string            // where the configuration file is; empty without one
	values   map[string]any    // all settings under their names
	origins  map[string]string // where they come from
	warnings []string          // about the configuration
	unknown  []string          // complaints about settings that mean nothing
	dry      bool              // only to be checked: nothing is opened

	requestors map[string]requestorSettings // what Requestors holds
	dev        bool                         // for irmad dev, which says by itself who can reach it
}

// readSettings combines defaults, configuration file, environment and flags, of
// which the later override the earlier, and checks the type of each value.
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
		s.read = look([]string{s.file})
		file, err := fileLayer(s.file)
		if err != nil {
			return nil, err
		}
		layers = append([]layer{file}, layers...)
	}
	if err := s.combine(layers); err != nil {
		return nil, err
	}
	if err := s.readRequestors(); err != nil {
		return nil, err
	}
	s.expectRequestors()
	named := look(s.files())
	maps.Copy(named, s.read)
	s.read = named
	return s, nil
}

// configFile returns the file that flags or environment name, or else the first
// that is found, or "".
func configFile(flags, vars layer, environ []string) string {
	for _, l := range []layer{flags, vars} {
		if path, ok := l.values["config"].(string); ok && path != "" {
			return path
		}
	}
	return findFile(cli.Variable(environ, "HOME"))
}

// combine lets later layers override earlier ones, and all of them the defaults,
// which depend on whether a layer asks for production.
func (s *settings) combine(layers []layer) error {
	given := koanf.New(".")
	s.origins = map[string]string{}
	for _, l := range layers {
		f, err := l.checked()
		if err != nil {
			return err
		}
		s.warnings = append(s.warnings, f.warnings...)
		s.unknown = append(s.unknown, f.unknown...)
		maps.Copy(s.origins, f.origins)
		if err := given.Load(confmap.Provider(f.values, ""), nil); err != nil {
			return fmt.Errorf("combining settings: %w", err)
		}
	}
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(s.defaults(given.Bool("production")), ""), nil); err != nil {
		return fmt.Errorf("setting defaults: %w", err)
	}
	if err := k.Merge(given); err != nil {
		return fmt.Errorf("combining settings: %w", err)
	}
	return s.fill(k.Raw())
}

// fill sets the fields from values by option name.
func (s *settings) fill(values map[string]any) error {
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(values, ""), nil); err != nil {
		return fmt.Errorf("combining settings: %w", err)
	}
	s.values = values
	if err := k.Unmarshal("", s); err != nil {
		return fmt.Errorf("combining settings: %w", err)
	}
	s.APIPrefix = withSlash(s.APIPrefix)
	return nil
}

// defaults returns the values of options that no source has, and notes that they
// come from nowhere.
func (s *settings) defaults(production bool) map[string]any {
	values := map[string]any{}
	for _, o := range options {
		if !o.available() {
			continue
		}
		origin := "default"
		values[o.name] = o.initial
		if production && o.strict != nil {
			values[o.name], origin = o.strict, "production default"
		}
		if s.origins[o.name] == "" {
			s.origins[o.name] = origin
		}
	}
	return values
}

// logger returns the logger that the settings ask for.
func (s *settings) logger(w io.Writer) *zap.Logger {
	return cli.NewLogger(cli.LogStyle{Quiet: s.Quiet, Verbose: s.Verbose, JSON: s.LogJSON}, w)
}
