package config

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// Settings is the configuration after all sources have been combined. A field has the
// value of the option in its tag; those of stores, Redis and operations are promoted
// from embedded structs. The zero value is what no option would give: begin with Read,
// except in tests and for commands that have options of their own.
type Settings struct {
	Strict                 bool     `option:"strict"`
	Production             bool     `option:"production"`
	SchemesPath            string   `option:"schemes_path"`
	SchemesAssetsPath      string   `option:"schemes_assets_path"`
	SchemesUpdate          int      `option:"schemes_update"` // minutes; 0 is never
	SchemesMirror          string   `option:"schemes_mirror"`
	Privkeys               string   `option:"privkeys"`
	URL                    string   `option:"url"` // completed by CompleteURL
	Port                   int      `option:"port"`
	ListenAddr             string   `option:"listen_addr"`
	APIPrefix              string   `option:"api_prefix"` // starts and ends with a slash
	ClientPort             int      `option:"client_port"`
	ClientListenAddr       string   `option:"client_listen_addr"`
	StaticPath             string   `option:"static_path"`
	StaticPrefix           string   `option:"static_prefix"` // starts and ends with a slash
	CORSAllowedOrigins     []string `option:"cors_allowed_origins"`
	TLSCert                string   `option:"tls_cert"`
	TLSCertFile            string   `option:"tls_cert_file"`
	TLSPrivkey             string   `option:"tls_privkey"`
	TLSPrivkeyFile         string   `option:"tls_privkey_file"`
	ClientTLSCert          string   `option:"client_tls_cert"`
	ClientTLSCertFile      string   `option:"client_tls_cert_file"`
	ClientTLSPrivkey       string   `option:"client_tls_privkey"`
	ClientTLSPrivkeyFile   string   `option:"client_tls_privkey_file"`
	NoTLS                  bool     `option:"no_tls"`
	NoAuth                 bool     `option:"no_auth"`
	Requestors             string   `option:"requestors"` // JSON; empty for none
	DisclosePerms          []string `option:"disclose_perms"`
	SignPerms              []string `option:"sign_perms"`
	IssuePerms             []string `option:"issue_perms"`
	RevokePerms            []string `option:"revoke_perms"`
	SkipPrivateKeysCheck   bool     `option:"skip_private_keys_check"`
	MaxRequestAge          int      `option:"max_request_age"`         // seconds
	MaxSessionLifetime     int      `option:"max_session_lifetime"`    // minutes; 0 is the default
	SessionResultLifetime  int      `option:"session_result_lifetime"` // minutes; 0 is the default
	SSE                    bool     `option:"sse"`
	StaticSessions         string   `option:"static_sessions"` // JSON; empty for none
	AugmentClientReturnURL bool     `option:"augment_client_return_url"`
	JWTPrivkey             string   `option:"jwt_privkey"`
	JWTPrivkeyFile         string   `option:"jwt_privkey_file"`
	JWTIssuer              string   `option:"jwt_issuer"`
	AllowUnsignedCallbacks bool     `option:"allow_unsigned_callbacks"`
	NestedLegacyResults    bool     `option:"nested_legacy_results"`
	Verbose                int      `option:"verbose"`
	Quiet                  bool     `option:"quiet"`
	LogJSON                bool     `option:"log_json"`

	storeSettings
	redisSettings
	operationSettings

	File     string   // where the configuration file is; empty without one
	Warnings []string // about the configuration, as it is checked
	Unknown  []string // complaints about settings that mean nothing
	Dry      bool     // only to be checked: nothing is opened
	Found    Versions // of all files that settings are in or name, from before they were read

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
	vars := readEnv(environ)
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
	given := map[string]any{}
	s.origins = map[string]string{}
	for _, l := range layers {
		f, err := l.checked()
		if err != nil {
			return err
		}
		s.Warnings = append(s.Warnings, f.warnings...)
		s.Unknown = append(s.Unknown, f.unknown...)
		maps.Copy(s.origins, f.origins)
		maps.Copy(given, f.values)
	}
	production, _ := given["production"].(bool)
	all := s.defaults(production)
	maps.Copy(all, given)
	s.fill(all)
	return nil
}

// fill sets the fields from values by option name, which have the types of the
// fields.
func (s *Settings) fill(values map[string]any) {
	s.values = values
	setFields(reflect.ValueOf(s).Elem(), values)
	s.APIPrefix = withSlash(s.APIPrefix)
}

// setFields sets the fields of a struct, and of those embedded in it, that have the
// name of an option as their tag.
func setFields(fields reflect.Value, values map[string]any) {
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if field.Anonymous {
			setFields(fields.Field(i), values)
			continue
		}
		switch value := values[field.Tag.Get("option")].(type) {
		case nil:
		case []string:
			fields.Field(i).Set(reflect.ValueOf(slices.Clone(value)))
		default:
			fields.Field(i).Set(reflect.ValueOf(value))
		}
	}
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
