package config

import (
	"fmt"
	"io"
	"maps"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// Settings is the configuration after all sources have been combined. A field has the
// value of the option in its tag; those of stores, Redis and operations are promoted
// from embedded structs. The zero value is what no option would give: begin with Read,
// except in tests and for commands that have options of their own.
type Settings struct {
	Strict                 bool     `koanf:"strict"`
	Production             bool     `koanf:"production"`
	SchemesPath            string   `koanf:"schemes_path"`
	SchemesAssetsPath      string   `koanf:"schemes_assets_path"`
	SchemesUpdate          int      `koanf:"schemes_update"` // minutes; 0 is never
	SchemesMirror          string   `koanf:"schemes_mirror"`
	Privkeys               string   `koanf:"privkeys"`
	URL                    string   `koanf:"url"` // completed by CompleteURL
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

	File     string   `koanf:"-"` // where the configuration file is; empty without one
	Warnings []string `koanf:"-"` // about the configuration, as it is checked
	Unknown  []string `koanf:"-"` // complaints about settings that mean nothing
	Dry      bool     `koanf:"-"` // only to be checked: nothing is opened
	Found    Versions `koanf:"-"` // of all files that settings are in or name, from before they were read

	values     map[string]any               // all settings under their names
	origins    map[string]string            // where they come from
	requestors map[string]requestorSettings // what Requestors holds
	dev        bool                         // for irmad dev, which says by itself who can reach it
}

// Read combines defaults, configuration file, environment and flags, of which the
// later override the earlier, and checks the type of each value. The error is
// pflag.ErrHelp if the arguments ask for help, and a cli.UsageError if they are wrong.
func Read(args, environ []string) (*Settings, error) {
	flags, rest, err := parseFlags(args)
	if err != nil {
		return nil, err
	}
	vars, err := readEnv(environ)
	if err != nil {
		return nil, err
	}
	s := new(Settings)
	for _, arg := range rest {
		s.Warnings = append(s.Warnings, fmt.Sprintf("argument %q has no effect", arg))
	}
	layers := []layer{vars, flags}
	if s.File = configFile(flags, vars, environ); s.File != "" {
		s.Found = Look([]string{s.File})
		file, err := fileLayer(s.File)
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
	named := Look(s.Files())
	maps.Copy(named, s.Found)
	s.Found = named
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
func (s *Settings) combine(layers []layer) error {
	given := koanf.New(".")
	s.origins = map[string]string{}
	for _, l := range layers {
		f, err := l.checked()
		if err != nil {
			return err
		}
		s.Warnings = append(s.Warnings, f.warnings...)
		s.Unknown = append(s.Unknown, f.unknown...)
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
func (s *Settings) fill(values map[string]any) error {
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
func (s *Settings) defaults(production bool) map[string]any {
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

// Logger returns the logger that the settings ask for.
func (s *Settings) Logger(w io.Writer) *zap.Logger {
	return cli.NewLogger(cli.LogStyle{Quiet: s.Quiet, Verbose: s.Verbose, JSON: s.LogJSON}, w)
}

// Origin tells where the value of an option comes from: "default" or the like, or
// the flag, variable or file.
func (s *Settings) Origin(option string) string { return s.origins[option] }

// RequestorCount returns how many requestors there are.
func (s *Settings) RequestorCount() int { return len(s.requestors) }
