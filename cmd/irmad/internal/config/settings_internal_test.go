package config

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// samples has another value than the default for every available option but
// config, written in each of the sources.
var samples = map[string]struct {
	flag, env, json string
	want            any
}{
	"schemes_assets_path":             {"--schemes-assets-path=dir", "dir", `"dir"`, "dir"},
	"schemes_mirror":                  {"--schemes-mirror=https://a.nl/b", "https://a.nl/b", `"https://a.nl/b"`, "https://a.nl/b"},
	"schemes_update":                  {"--schemes-update=5", "5", `5`, 5},
	"schemes_path":                    {"--schemes-path=dir", "dir", `"dir"`, "dir"},
	"privkeys":                        {"-kdir", "dir", `"dir"`, "dir"},
	"url":                             {"--url=https://example.com", "https://example.com", `"https://example.com"`, "https://example.com"},
	"port":                            {"-p8090", "8090", `8090`, 8090},
	"listen_addr":                     {"--listen-addr=::1", "::1", `"::1"`, "::1"},
	"api_prefix":                      {"--api-prefix=/api/", "/api/", `"/api/"`, "/api/"},
	"no_auth":                         {"--no-auth=false", "F", `"0"`, false},
	"max_session_lifetime":            {"--max-session-lifetime=7", "7", `"7"`, 7},
	"session_result_lifetime":         {"--session-result-lifetime=0", "0", `0`, 0},
	"strict":                          {"--strict", "1", `true`, true},
	"client_port":                     {"--client-port=8443", "8443", `8443`, 8443},
	"client_listen_addr":              {"--client-listen-addr=::1", "::1", `"::1"`, "::1"},
	"static_path":                     {"--static-path=dir", "dir", `"dir"`, "dir"},
	"static_prefix":                   {"--static-prefix=/web", "/web", `"/web"`, "/web"},
	"tls_cert":                        {"--tls-cert=pem", "pem", `"pem"`, "pem"},
	"tls_cert_file":                   {"--tls-cert-file=a.pem", "a.pem", `"a.pem"`, "a.pem"},
	"tls_privkey":                     {"--tls-privkey=pem", "pem", `"pem"`, "pem"},
	"tls_privkey_file":                {"--tls-privkey-file=a.pem", "a.pem", `"a.pem"`, "a.pem"},
	"client_tls_cert":                 {"--client-tls-cert=pem", "pem", `"pem"`, "pem"},
	"client_tls_cert_file":            {"--client-tls-cert-file=a.pem", "a.pem", `"a.pem"`, "a.pem"},
	"client_tls_privkey":              {"--client-tls-privkey=pem", "pem", `"pem"`, "pem"},
	"client_tls_privkey_file":         {"--client-tls-privkey-file=a.pem", "a.pem", `"a.pem"`, "a.pem"},
	"requestors":                      {`--requestors={"My App": {"key":"x"}}`, `{"My App": {"key":"x"}}`, `"{\"My App\": {\"key\":\"x\"}}"`, `{"My App":{"key":"x"}}`},
	"disclose_perms":                  {"--disclose-perms=a.*,b.*", "a.* b.*", `["a.*", "b.*"]`, []string{"a.*", "b.*"}},
	"sign_perms":                      {"--sign-perms=", " ", `[]`, []string{}},
	"issue_perms":                     {"--issue-perms=a.b.c", "a.b.c", `["a.b.c"]`, []string{"a.b.c"}},
	"revoke_perms":                    {"--revoke-perms=a.b.c --revoke-perms=d.*", "a.b.c d.*", `["a.b.c", "d.*"]`, []string{"a.b.c", "d.*"}},
	"skip_private_keys_check":         {"--skip-private-keys-check", "t", `true`, true},
	"max_request_age":                 {"--max-request-age=60", "60", `60`, 60},
	"no_tls":                          {"--no-tls", "1", `true`, true},
	"production":                      {"--production=t", "TRUE", `true`, true},
	"verbose":                         {"-vv", "2", `2`, 2},
	"quiet":                           {"-q", "true", `true`, true},
	"sse":                             {"--sse=false", "F", `false`, false},
	"jwt_privkey":                     {"--jwt-privkey=key", "key", `"key"`, "key"},
	"jwt_privkey_file":                {"--jwt-privkey-file=key.pem", "key.pem", `"key.pem"`, "key.pem"},
	"jwt_issuer":                      {"-jme", "me", `"me"`, "me"},
	"allow_unsigned_callbacks":        {"--allow-unsigned-callbacks", "true", `true`, true},
	"augment_client_return_url":       {"--augment-client-return-url", "true", `true`, true},
	"static_sessions":                 {`--static-sessions={"My.QR": {}}`, `{"My.QR": {}}`, `"{\"My.QR\": {}}"`, `{"My.QR":{}}`},
	"cors_allowed_origins":            {"--cors-allowed-origins=http://a,http://b", "http://a http://b", `["http://a", "http://b"]`, []string{"http://a", "http://b"}},
	"nested_legacy_results":           {"--nested-legacy-results", "1", `true`, true},
	"admin_port":                      {"--admin-port=7", "7", `7`, 7},
	"shutdown_delay":                  {"--shutdown-delay=7", "7", `7`, 7},
	"shutdown_timeout":                {"--shutdown-timeout=7", "7", `7`, 7},
	"requestor_rate_limit":            {"--requestor-rate-limit=7", "7", `7`, 7},
	"address_rate_limit":              {"--address-rate-limit=7", "7", `7`, 7},
	"static_rate_limit":               {"--static-rate-limit=7", "7", `7`, 7},
	"requestor_max_sessions":          {"--requestor-max-sessions=7", "7", `7`, 7},
	"address_max_sessions":            {"--address-max-sessions=7", "7", `7`, 7},
	"anonymous_max_sessions":          {"--anonymous-max-sessions=7", "7", `7`, 7},
	"admin_listen_addr":               {"--admin-listen-addr=::1", "::1", `"::1"`, "::1"},
	"redis_addr":                      {"--redis-addr=a:1", "a:1", `"a:1"`, "a:1"},
	"redis_sentinel_addrs":            {"--redis-sentinel-addrs=a:1,b:2", "a:1 b:2", `["a:1", "b:2"]`, []string{"a:1", "b:2"}},
	"redis_sentinel_master_name":      {"--redis-sentinel-master-name=m", "m", `"m"`, "m"},
	"redis_accept_inconsistency_risk": {"--redis-accept-inconsistency-risk", "1", `true`, true},
	"redis_allow_empty_password":      {"--redis-allow-empty-password", "1", `true`, true},
	"redis_acl_use_key_prefixes":      {"--redis-acl-use-key-prefixes", "1", `true`, true},
	"redis_no_tls":                    {"--redis-no-tls", "1", `true`, true},
	"redis_db":                        {"--redis-db=7", "7", `7`, 7},
	"redis_username":                  {"--redis-username=x", "x", `"x"`, "x"},
	"redis_pw":                        {"--redis-pw=x", "x", `"x"`, "x"},
	"redis_pw_file":                   {"--redis-pw-file=x", "x", `"x"`, "x"},
	"redis_sentinel_username":         {"--redis-sentinel-username=x", "x", `"x"`, "x"},
	"redis_sentinel_pw":               {"--redis-sentinel-pw=x", "x", `"x"`, "x"},
	"redis_sentinel_pw_file":          {"--redis-sentinel-pw-file=x", "x", `"x"`, "x"},
	"redis_tls_cert":                  {"--redis-tls-cert=x", "x", `"x"`, "x"},
	"redis_tls_cert_file":             {"--redis-tls-cert-file=x", "x", `"x"`, "x"},
	"redis_tls_client_cert_file":      {"--redis-tls-client-cert-file=x", "x", `"x"`, "x"},
	"redis_tls_client_key_file":       {"--redis-tls-client-key-file=x", "x", `"x"`, "x"},
	"trusted_proxies":                 {"--trusted-proxies=::1,10.0.0.0/8", "::1 10.0.0.0/8", `["::1", "10.0.0.0/8"]`, []string{"::1", "10.0.0.0/8"}},
	"store_type":                      {"--store-type=file", "file", `"file"`, "file"},
	"store_path":                      {"--store-path=a.db", "a.db", `"a.db"`, "a.db"},
	"store_keys":                      {"--store-keys=a=,b=", "a= b=", `["a=", "b="]`, []string{"a=", "b="}},
	"store_keys_file":                 {"--store-keys-file=a", "a", `"a"`, "a"},
	"log_json":                        {"--log-json", "true", `"true"`, true},
}

// TestSources gives every option in every source.
func TestSources(t *testing.T) {
	t.Parallel()
	for _, o := range options {
		sample, ok := samples[o.name]
		if o.name == "config" || !o.available() {
			continue
		}
		if !ok {
			t.Errorf("no sample for option %s", o.name)
		}
		for source, call := range map[string]struct{ args, env []string }{
			"flag": {args: flagWords(sample.flag)},
			"env":  {env: []string{EnvPrefix + strings.ToUpper(o.name) + "=" + sample.env}},
			"json": {args: []string{"-c", write(t, "a.json", fmt.Sprintf("{%q: %s}", o.name, sample.json))}},
			"toml": {args: []string{"-c", write(t, "a.toml", o.name+" = "+sample.json)}},
			"yaml": {args: []string{"-c", write(t, "a.yaml", strings.ToUpper(o.name)+": "+sample.json)}},
		} {
			t.Run(o.name+"/"+source, func(t *testing.T) {
				t.Parallel()
				want := settingsOf(t, nil, nil).values
				want[o.name] = sample.want
				if o.name == "production" {
					want["no_auth"], want["issue_perms"] = false, []string{}
				}
				if o.name == "requestors" {
					want["no_auth"] = false
				}
				got := settingsOf(t, call.args, call.env).values
				delete(got, "config")
				delete(want, "config")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("settings (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// flagWords splits flags before each double dash.
func flagWords(flags string) []string {
	return strings.Split(strings.ReplaceAll(flags, " --", "\n--"), "\n")
}

// TestUnavailable gives every option that there is not.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for _, o := range options {
		if o.available() || o.ignored() {
			continue
		}
		value := map[kind]string{text: "x", list: "x", object: `{"x":{}}`, number: "7", toggle: "true"}[o.kind]
		for source, call := range map[string]struct{ args, env []string }{
			"flag": {args: []string{"--" + FlagName(o.name) + "=" + value}},
			"env":  {env: []string{EnvPrefix + strings.ToUpper(o.name) + "=" + value}},
			"file": {args: []string{"-c", write(t, "a.json", fmt.Sprintf("{%q: %q}", o.name, value))}},
		} {
			t.Run(o.name+"/"+source, func(t *testing.T) {
				t.Parallel()
				_, err := Read(call.args, call.env)
				if err == nil || !strings.Contains(strings.ToLower(err.Error()), o.name) && !strings.Contains(err.Error(), FlagName(o.name)) {
					t.Fatalf("got error %v, want one that names %s", err, o.name)
				}
				if !strings.Contains(err.Error(), "this version of irmad has no") || o.feature == "" {
					t.Errorf("error does not tell what is missing: %v", err)
				}
			})
		}
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := write(t, "a.yaml", "port: 1001\nverbose: 1\n")
	other := write(t, "b.yaml", "port: 2001\n")
	tests := map[string]struct {
		args, env []string
		port      int
	}{
		"default":         {port: 8088},
		"empty variable":  {env: []string{"IRMASERVER_PORT="}, port: 8088},
		"file":            {args: []string{"-c", file}, port: 1001},
		"file by env":     {env: []string{"IRMASERVER_CONFIG=" + file}, port: 1001},
		"flag names file": {args: []string{"--config", other}, env: []string{"IRMASERVER_CONFIG=" + file}, port: 2001},
		"env over file":   {args: []string{"-c", file}, env: []string{"IRMASERVER_PORT=1002"}, port: 1002},
		"flag over env":   {args: []string{"-c", file, "-p", "1003"}, env: []string{"IRMASERVER_PORT=1002"}, port: 1003},
		"flag of default": {args: []string{"-p", "8088"}, env: []string{"IRMASERVER_PORT=1002"}, port: 8088},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := settingsOf(t, tt.args, tt.env).Port; got != tt.port {
				t.Errorf("port %d, want %d", got, tt.port)
			}
		})
	}
}

func TestConversion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind  kind
		value any
		want  any // nil when it must be refused
	}{
		"fraction":         {number, 1.5, nil},
		"huge":             {number, 1e300, nil},
		"number as bool":   {number, true, nil},
		"hex":              {number, "0x10", nil},
		"space":            {number, " 1", nil},
		"yes":              {toggle, "yes", nil},
		"on":               {toggle, "on", nil},
		"number for true":  {toggle, 1, nil},
		"list for text":    {text, []any{"a"}, nil},
		"bool for text":    {text, true, nil},
		"number for text":  {text, 8088, "8088"},
		"list":             {list, []any{"b", "a"}, []string{"b", "a"}},
		"list of a flag":   {list, []string{"b", "a"}, []string{"b", "a"}},
		"words":            {list, " b  a,c ", []string{"b", "a,c"}},
		"empty list":       {list, []any{}, []string{}},
		"empty words":      {list, "", []string{}},
		"list of lists":    {list, []any{[]any{"a"}}, nil},
		"number for list":  {list, 7, nil},
		"object":           {object, map[string]any{"A.b": []any{1, "x"}}, `{"A.b":[1,"x"]}`},
		"empty object":     {object, map[string]any{}, ""},
		"JSON":             {object, ` {"A": 1}`, `{"A":1}`},
		"empty JSON":       {object, "{}", ""},
		"JSON null":        {object, "null", ""},
		"no JSON":          {object, "a", nil},
		"JSON list":        {object, "[1]", nil},
		"list for object":  {object, []any{1}, nil},
		"date":             {object, map[string]any{"a": []any{map[string]any{"b": time.Time{}}}}, nil},
		"false in capital": {toggle, "FALSE", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := convert(tt.kind, tt.value)
			if (err != nil) != (tt.want == nil) {
				t.Fatalf("got %v and error %v, want %v", got, err, tt.want)
			}
			if tt.want == nil {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("converted (-want +got):\n%s", diff)
			}
		})
	}
}
