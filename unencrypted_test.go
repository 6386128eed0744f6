package irmaserver

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// TestCallbackUnencrypted warns once per session that posts without TLS, on
// servers for the public, and tells no more than the host.
func TestCallbackUnencrypted(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		development    bool
		callback, next string
		want           []string
	}{
		"http":        {false, "http://cb:80/secret?secret", "", []string{"callbackUrl http://cb:80"}},
		"HTTP":        {false, "HTTP://cb/", "", []string{"callbackUrl http://cb"}},
		"https":       {false, "https://cb/", "https://next/", nil},
		"next":        {false, "https://cb/", "http://next/secret", []string{"nextSession http://next"}},
		"none":        {false, "", "", nil},
		"development": {true, "http://cb/", "http://next/", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			core, logs := observer.New(zap.WarnLevel)
			s, err := New(Config{Schemes: schemes, AllowUnsignedCallbacks: true, Logger: zap.New(core)})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close(t.Context())
			s.cfg.Production = !test.development // New wants other schemes for that
			request := &irma.ExtendedRequest{CallbackURL: test.callback, Request: irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")}
			if test.next != "" {
				request.NextSession = &irma.NextSession{URL: test.next}
			}
			if _, err := s.StartSession(t.Context(), request); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, entry := range logs.All() {
				fields := entry.ContextMap()
				got = append(got, fmt.Sprint(fields["field"], " ", fields["receiver"]))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}
