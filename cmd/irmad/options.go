package main

import "strings"

// kind is the type of an option's value.
type kind int

const (
	text kind = iota
	number
	toggle
	count // a number that, as a flag, is repeated instead of given
	list
	object
)

// option is one setting (spec 06 §3). As a flag it is written with dashes, as
// an environment variable in capitals after IRMASERVER_.
type option struct {
	name    string
	short   string
	kind    kind
	initial any    // the default; nil when that depends on other settings
	usage   string // empty for options that this version does not have

	secret  bool   // not to be logged
	feature string // what an option without usage belongs to
	implied string // the value by which it asks for what is done anyway; empty for the zero value
}

// available reports whether this version has the option.
func (o *option) available() bool { return o.usage != "" }

// asksNothing reports whether this value of an option that is not available asks
// for what is done anyway.
func (o *option) asksNothing(value any) bool {
	if words, isList := value.([]string); isList {
		value = strings.Join(words, ",")
	}
	if o.implied != "" {
		return value == o.implied
	}
	return value == zero(o.kind)
}

// ignored reports whether the option is accepted without effect.
func (o *option) ignored() bool { return o.name == "email" || o.name == "no_email" }

func optionNames() []string {
	var names []string
	for _, o := range options {
		if o.available() {
			names = append(names, o.name)
		}
	}
	return names
}

func findOption(name string) *option {
	for i := range options {
		if options[i].name == name {
			return &options[i]
		}
	}
	return nil
}

// options are all settings of the configuration format. Those that this version
// lacks are listed too: a server that ignored them would run less guarded than
// its operator believes.
var options = []option{
	{name: "config", short: "c", kind: text, initial: "", usage: "configuration `file`, JSON, TOML or YAML"},
	{name: "schemes_path", short: "s", kind: text, initial: "", usage: "`directory` with one folder per scheme"},
	{name: "privkeys", short: "k", kind: text, initial: "", usage: "`directory` with issuers' private keys"},
	{name: "url", short: "u", kind: text, usage: "`URL` at which wallets reach this server; \":port\" stands for the port"},
	{name: "port", short: "p", kind: number, initial: 8088, usage: "`port` to listen at"},
	{name: "listen_addr", short: "l", kind: text, initial: "", usage: "`address` to listen at (default all)"},
	{name: "api_prefix", short: "a", kind: text, initial: "/", usage: "`path` below which the endpoints are"},
	{name: "no_auth", kind: toggle, usage: "accept session requests from anyone (default true, false in production)"},
	{name: "max_session_lifetime", kind: number, initial: 15, usage: "`minutes` that a session waits for the wallet"},
	{name: "session_result_lifetime", kind: number, initial: 5, usage: "`minutes` that a session's result is kept"},
	{name: "sse", kind: toggle, initial: true, usage: "tell status changes by server-sent events; otherwise clients poll"},
	{name: "jwt_privkey", kind: text, initial: "", secret: true, usage: "RSA `key` in PEM that signs results"},
	{name: "jwt_privkey_file", kind: text, initial: "", usage: "`file` with the key that signs results"},
	{name: "jwt_issuer", short: "j", kind: text, initial: "irmaserver", usage: "`name` of this server in signed results"},
	{name: "allow_unsigned_callbacks", kind: toggle, initial: false, usage: "post results to callbacks and follow-up endpoints without a key to sign them"},
	{name: "augment_client_return_url", kind: toggle, initial: false, usage: "let requests put the session's token into the URL to which users return"},
	{name: "static_sessions", kind: object, initial: "", secret: true, usage: "session requests that anybody may start, by name, as a JSON `object`"},
	{name: "cors_allowed_origins", kind: list, initial: []string{"*"}, usage: "`origins` of the pages that may use the endpoints"},
	{name: "nested_legacy_results", kind: toggle, initial: false, usage: "answer requests without @context with results like all others"},
	{name: "no_tls", kind: toggle, initial: false, usage: "accept an http:// URL in production, behind a TLS proxy"},
	{name: "production", kind: toggle, initial: false, usage: "serve the public: stricter checks, no demo scheme"},
	{name: "verbose", short: "v", kind: count, initial: 0, usage: "log more; twice for every HTTP request"},
	{name: "quiet", short: "q", kind: toggle, initial: false, usage: "log nothing"},
	{name: "log_json", kind: toggle, initial: false, usage: "log in JSON"},

	{name: "email", short: "e", kind: text},
	{name: "no_email", kind: toggle},

	{name: "schemes_assets_path", kind: text, feature: "copying schemes from an assets directory"},
	{name: "schemes_update", kind: number, feature: "updating schemes"},
	{name: "static_path", kind: text, feature: "serving static files"},
	{name: "static_prefix", kind: text, feature: "serving static files", implied: "/"},
	{name: "revocation_db_type", kind: text, feature: "revocation"},
	{name: "revocation_db_str", kind: text, feature: "revocation"},
	{name: "revocation_settings", kind: object, feature: "revocation"},
	{name: "revoke_perms", kind: list, feature: "revocation"},
	{name: "client_port", kind: number, feature: "a second listener for wallets"},
	{name: "client_listen_addr", kind: text, feature: "a second listener for wallets"},
	{name: "client_tls_cert", kind: text, feature: "TLS"},
	{name: "client_tls_cert_file", kind: text, feature: "TLS"},
	{name: "client_tls_privkey", kind: text, feature: "TLS"},
	{name: "client_tls_privkey_file", kind: text, feature: "TLS"},
	{name: "tls_cert", kind: text, feature: "TLS"},
	{name: "tls_cert_file", kind: text, feature: "TLS"},
	{name: "tls_privkey", kind: text, feature: "TLS"},
	{name: "tls_privkey_file", kind: text, feature: "TLS"},
	{name: "requestors", kind: object, feature: "requestor authentication"},
	{name: "max_request_age", kind: number, feature: "requestor authentication"},
	{name: "disclose_perms", kind: list, feature: "permissions", implied: "*"},
	{name: "sign_perms", kind: list, feature: "permissions", implied: "*"},
	{name: "issue_perms", kind: list, feature: "permissions", implied: "*"},
	{name: "skip_private_keys_check", kind: toggle, feature: "permissions"},
	{name: "sdjwtvc", kind: object, feature: "SD-JWT VC issuance"},
	{name: "sdjwtvc_issuer_certificates_dir", kind: text, feature: "SD-JWT VC issuance"},
	{name: "sdjwtvc_issuer_private_keys_dir", kind: text, feature: "SD-JWT VC issuance"},
	{name: "store_type", kind: text, feature: "stores other than memory", implied: "memory"},
	{name: "redis_addr", kind: text, feature: "the Redis store"},
	{name: "redis_sentinel_addrs", kind: list, feature: "the Redis store"},
	{name: "redis_sentinel_master_name", kind: text, feature: "the Redis store"},
	{name: "redis_accept_inconsistency_risk", kind: toggle, feature: "the Redis store"},
	{name: "redis_username", kind: text, feature: "the Redis store"},
	{name: "redis_pw", kind: text, feature: "the Redis store"},
	{name: "redis_sentinel_username", kind: text, feature: "the Redis store"},
	{name: "redis_sentinel_pw", kind: text, feature: "the Redis store"},
	{name: "redis_allow_empty_password", kind: toggle, feature: "the Redis store"},
	{name: "redis_acl_use_key_prefixes", kind: toggle, feature: "the Redis store"},
	{name: "redis_db", kind: number, feature: "the Redis store"},
	{name: "redis_tls_cert", kind: text, feature: "the Redis store"},
	{name: "redis_tls_cert_file", kind: text, feature: "the Redis store"},
	{name: "redis_tls_client_key_file", kind: text, feature: "the Redis store"},
	{name: "redis_tls_client_cert_file", kind: text, feature: "the Redis store"},
	{name: "redis_no_tls", kind: toggle, feature: "the Redis store"},
}
