package config

// topics has the options of this version, with what their defaults are.
var topics = []optionGroup{
	{"Configuration", []option{
		{name: "config", short: "c", kind: text, initial: "", usage: "configuration `file`: JSON, TOML, YAML or lines NAME=VALUE"},
		{name: "strict", kind: toggle, initial: false, usage: "refuse settings that are not known, as check does, instead of warning"},
		{name: "production", kind: toggle, initial: false, usage: "serve the public: stricter defaults and checks, no demo scheme"},
	}},
	{"Schemes", []option{
		{name: "schemes_path", short: "s", kind: text, initial: "", usage: "`directory` with one folder per scheme; if it has none, pbdf and irma-demo are fetched"},
		{name: "schemes_assets_path", kind: text, initial: "", usage: "`directory` with schemes to copy into schemes_path where they are newer"},
		{name: "schemes_update", kind: number, initial: 60, usage: "`minutes` between looking for new versions of schemes; 0 is never"},
		{name: "schemes_mirror", kind: text, initial: "", usage: "`URL` of the folder that has copies of pbdf and irma-demo, to fetch them from there"},
		{name: "privkeys", short: "k", kind: text, initial: "", usage: "`directory` with issuers' private keys"},
	}},
	{"Addresses", []option{
		{name: "url", short: "u", kind: text, initial: "", strict: "", usage: "`URL` at which wallets reach this server; \":port\" stands for the port (default an address of this machine; in production none)"},
		{name: "port", short: "p", kind: number, initial: 8088, usage: "`port` to listen at"},
		{name: "listen_addr", short: "l", kind: text, initial: "", usage: "`address` to listen at (default all)"},
		{name: "api_prefix", short: "a", kind: text, initial: "/", usage: "`path` below which the endpoints are"},
		{name: "client_port", kind: number, initial: 0, usage: "another `port`, for wallets and frontends; what requestors use stays at the first"},
		{name: "client_listen_addr", kind: text, initial: "", usage: "`address` to listen at with the client port (default all)"},
		{name: "static_path", kind: text, initial: "", usage: "`directory` with files to serve"},
		{name: "static_prefix", kind: text, initial: "/", usage: "`path`, below api_prefix, of the files in static_path"},
		{name: "cors_allowed_origins", kind: list, initial: []string{"*"}, usage: "`origins` of the pages that may use the endpoints"},
	}},
	{"TLS", []option{
		{name: "tls_cert", kind: text, initial: "", secret: true, live: true, usage: "certificate `chain` in PEM"},
		{name: "tls_cert_file", kind: text, initial: "", live: true, usage: "`file` with the certificate chain"},
		{name: "tls_privkey", kind: text, initial: "", secret: true, live: true, usage: "private `key` of the certificate in PEM"},
		{name: "tls_privkey_file", kind: text, initial: "", live: true, usage: "`file` with the certificate's private key"},
		{name: "client_tls_cert", kind: text, initial: "", secret: true, live: true, usage: "certificate `chain` for the client port"},
		{name: "client_tls_cert_file", kind: text, initial: "", live: true, usage: "`file` with the certificate chain for the client port"},
		{name: "client_tls_privkey", kind: text, initial: "", secret: true, live: true, usage: "private `key` for the client port"},
		{name: "client_tls_privkey_file", kind: text, initial: "", live: true, usage: "`file` with the private key for the client port"},
		{name: "no_tls", kind: toggle, initial: false, usage: "accept an http:// URL in production, behind a TLS proxy"},
	}},
	{"Requestors", []option{
		{name: "no_auth", kind: toggle, initial: true, strict: false, live: true, usage: "accept session requests from anyone (default false with requestors)"},
		{name: "requestors", kind: object, initial: "", secret: true, live: true, usage: "who may start sessions, by name, as a JSON `object`"},
		{name: "disclose_perms", kind: list, initial: []string{"*"}, live: true, usage: "`attributes` that every requestor may ask to disclose"},
		{name: "sign_perms", kind: list, initial: []string{"*"}, live: true, usage: "`attributes` that every requestor may ask to sign with"},
		{name: "issue_perms", kind: list, initial: []string{"*"}, strict: []string{}, live: true, usage: "`credentials` that every requestor may issue"},
		{name: "revoke_perms", kind: list, initial: []string{}, live: true, usage: "`credentials` that every requestor may revoke; for configurations that have it, as nothing can be revoked yet"},
		{name: "skip_private_keys_check", kind: toggle, initial: false, live: true, usage: "allow permissions to issue what there is no private key for"},
		{name: "max_request_age", kind: number, initial: 300, live: true, usage: "`seconds` for which a signed session request is accepted"},
	}},
	{"Sessions", []option{
		{name: "max_session_lifetime", kind: number, initial: 15, usage: "`minutes` that a session waits for the wallet"},
		{name: "session_result_lifetime", kind: number, initial: 5, usage: "`minutes` that a session's result is kept"},
		{name: "sse", kind: toggle, initial: true, usage: "tell status changes by server-sent events; otherwise clients poll"},
		{name: "static_sessions", kind: object, initial: "", secret: true, usage: "session requests that anybody may start, by name, as a JSON `object`"},
		{name: "augment_client_return_url", kind: toggle, initial: false, usage: "let requests put the session's token into the URL to which users return"},
	}},
	{"Results", []option{
		{name: "jwt_privkey", kind: text, initial: "", secret: true, live: true, usage: "RSA `key` in PEM that signs results"},
		{name: "jwt_privkey_file", kind: text, initial: "", live: true, usage: "`file` with the key that signs results"},
		{name: "jwt_issuer", short: "j", kind: text, initial: "irmaserver", usage: "`name` of this server in signed results"},
		{name: "allow_unsigned_callbacks", kind: toggle, initial: false, usage: "post results to callbacks and follow-up endpoints without a key to sign them"},
		{name: "nested_legacy_results", kind: toggle, initial: false, usage: "answer requests without @context with results like all others"},
	}},
	{"Session store", storeOptions},
	{"Redis", redisOptions},
	{"Operation", operationOptions},
	{"Logging", []option{
		{name: "verbose", short: "v", kind: count, initial: 0, usage: "log more; twice for every HTTP request"},
		{name: "quiet", short: "q", kind: toggle, initial: false, usage: "log nothing"},
		{name: "log_json", kind: toggle, initial: false, usage: "log in JSON"},
	}},
}

// unavailable are the settings of the configuration format that this version
// lacks. They are listed too: a server that ignored them would run less guarded
// than its operator believes.
var unavailable = []option{
	{name: "email", short: "e", kind: text},
	{name: "no_email", kind: toggle},

	{name: "revocation_db_type", kind: text, feature: "revocation"},
	{name: "revocation_db_str", kind: text, secret: true, feature: "revocation"},
	{name: "revocation_settings", kind: object, feature: "revocation"},
	{name: "sdjwtvc", kind: object, feature: "SD-JWT VC issuance"},
	{name: "sdjwtvc_issuer_certificates_dir", kind: text, feature: "SD-JWT VC issuance"},
	{name: "sdjwtvc_issuer_private_keys_dir", kind: text, feature: "SD-JWT VC issuance"},
}
