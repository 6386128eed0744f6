package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

func TestCompleteURL(t *testing.T) {
	t.Parallel()
	base := config.Settings{Port: 8088, APIPrefix: "/", ListenAddr: "127.0.0.1"}
	with := func(change func(*config.Settings)) config.Settings {
		s := base
		change(&s)
		return s
	}
	url := func(text string) config.Settings { return with(func(s *config.Settings) { s.URL = text }) }
	production := func(text string, noTLS bool) config.Settings {
		return with(func(s *config.Settings) { s.URL, s.Production, s.NoTLS = text, true, noTLS })
	}
	tests := map[string]struct {
		settings config.Settings
		want     string // empty when there must be none
		warning  string // part of the only warning; empty for none
		err      string
	}{
		"default":               {base, "http://127.0.0.1:8088/irma/", "", ""},
		"default with prefix":   {with(func(s *config.Settings) { s.APIPrefix = "/api/" }), "http://127.0.0.1:8088/api/irma/", "", ""},
		"default on IPv6":       {with(func(s *config.Settings) { s.ListenAddr = "::1" }), "http://[::1]:8088/irma/", "", ""},
		"none in production":    {production("", false), "", "url is not set", ""},
		"plain":                 {url("https://example.com"), "https://example.com/irma/", "", ""},
		"slash":                 {url("https://example.com/"), "https://example.com/irma/", "", ""},
		"complete":              {url("https://example.com/irma/"), "https://example.com/irma/", "", ""},
		"without final slash":   {url("https://example.com/irma"), "https://example.com/irma/", "", ""},
		"ends in irma":          {url("https://example.com/myirma/"), "https://example.com/myirma/", "does not end with /irma/", ""},
		"port word":             {url("https://example.com:port"), "https://example.com:8088/irma/", "", ""},
		"port word with path":   {url("https://example.com:port/x"), "https://example.com:8088/x/irma/", "", ""},
		"port word in path":     {url("https://example.com/a:port"), "https://example.com/a:port/irma/", "", ""},
		"no TLS":                {url("http://example.com"), "http://example.com/irma/", "TLS is not enabled on the url", ""},
		"client port":           {with(func(s *config.Settings) { s.ClientPort, s.ClientListenAddr = 8443, "::1" }), "http://[::1]:8443/irma/", "", ""},
		"client port word":      {with(func(s *config.Settings) { s.ClientPort, s.URL = 8443, "https://a.nl:port" }), "https://a.nl:8443/irma/", "", ""},
		"certificate":           {with(func(s *config.Settings) { s.TLSCertFile = "a.pem" }), "https://127.0.0.1:8088/irma/", "", ""},
		"certificate for http":  {with(func(s *config.Settings) { s.TLSCert, s.URL, s.Production = "a", "http://a.nl:port", true }), "https://a.nl:8088/irma/", "", ""},
		"other certificate":     {with(func(s *config.Settings) { s.TLSCert, s.URL, s.ClientPort = "a", "http://a.nl", 8443 }), "http://a.nl/irma/", "TLS is not enabled", ""},
		"client certificate":    {with(func(s *config.Settings) { s.ClientTLSCert, s.URL, s.ClientPort = "a", "http://a.nl", 8443 }), "https://a.nl/irma/", "", ""},
		"production":            {production("https://example.com", false), "https://example.com/irma/", "", ""},
		"production without":    {production("http://example.com", false), "", "", "unsafe without a reverse proxy"},
		"production with proxy": {production("http://example.com", true), "http://example.com/irma/", "TLS is not enabled on the url", ""},
		"user":                  {url("https://a:b@example.com"), "", "", "must not hold a user name"},
		"no host":               {url("https://"), "", "", "it must be like"},
		"no scheme":             {url("example.com"), "", "", "it must be like"},
		"other scheme":          {url("ftp://example.com"), "", "", "it must be like"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warnings, err := tt.settings.CompleteURL()
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("got error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tt.settings.URL); diff != "" {
				t.Errorf("url (-want +got):\n%s", diff)
			}
			if got := strings.Join(warnings, "\n"); (tt.warning == "") != (got == "") || !strings.Contains(got, tt.warning) {
				t.Errorf("got warnings %q, want %q", got, tt.warning)
			}
		})
	}
}
