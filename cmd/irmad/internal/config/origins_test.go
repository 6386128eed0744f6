package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

func TestAllowedOrigins(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given []string
		want  []string
		bad   bool
	}{
		"all":           {given: []string{"*"}},
		"none":          {given: []string{}, want: []string{}},
		"some":          {given: []string{"https://a.example", "http://localhost:3000", "http://[::1]:8080"}, want: []string{"https://a.example", "http://localhost:3000", "http://[::1]:8080"}},
		"all and some":  {given: []string{"*", "https://a.example"}, bad: true},
		"slash":         {given: []string{"https://a.example/"}, bad: true},
		"path":          {given: []string{"https://a.example/x"}, bad: true},
		"query":         {given: []string{"https://a.example?x"}, bad: true},
		"user":          {given: []string{"https://u@a.example"}, bad: true},
		"capitals":      {given: []string{"https://A.example"}, bad: true},
		"usual port":    {given: []string{"https://a.example:443"}, bad: true},
		"no port":       {given: []string{"https://a.example:"}, bad: true},
		"no scheme":     {given: []string{"a.example"}, bad: true},
		"other scheme":  {given: []string{"ftp://a.example"}, bad: true},
		"commas":        {given: []string{"https://a.example,https://b.example"}, bad: true},
		"wildcard host": {given: []string{"https://*.example"}, bad: true},
		"sandbox":       {given: []string{"null"}, bad: true},
		"empty":         {given: []string{""}, bad: true},
	} {
		got, err := (&config.Settings{CORSAllowedOrigins: tt.given}).AllowedOrigins()
		if (err != nil) != tt.bad {
			t.Errorf("%s: got error %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
