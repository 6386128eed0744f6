package irmaserver_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/golden"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/sealed"
)

// TestMistakesOfEmbedders compares what a Go program is told on its first day.
func TestMistakesOfEmbedders(t *testing.T) {
	t.Parallel()
	schemes, err := demo.Set()
	if err != nil {
		t.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "https://example.com/irma/"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	age := irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")
	start := func(request irma.Request) error {
		_, err := server.StartSession(t.Context(), request)
		return err
	}
	made := func(cfg irmaserver.Config) error {
		_, err := irmaserver.New(cfg)
		return err
	}
	dir := t.TempDir()
	got := map[string]string{}
	for name, err := range map[string]error{
		"no schemes":             made(irmaserver.Config{URL: "https://example.com/irma/"}),
		"URL without a scheme":   made(irmaserver.Config{Schemes: schemes, URL: "example.com/irma"}),
		"no scheme folder":       second(scheme.LoadDir(filepath.Join(dir, "nowhere"), scheme.Options{})),
		"misspelt attribute":     start(irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.ovr18")),
		"nothing asked":          start(irma.NewDisclosureRequest()),
		"no request":             start(nil),
		"callback without a key": start(&irma.ExtendedRequest{Request: age, CallbackURL: "https://example.com/"}),
		"attribute left out":     start(irma.NewIssuanceRequest(irma.CredentialRequest{CredentialTypeID: "irmad-demo.gov.ageLimits"})),
		"unknown session":        second(server.Result(t.Context(), "abcdefghijklmnopqrst")),
		"JWT without a key":      second(server.ResultJWT(t.Context(), "abcdefghijklmnopqrst")),
		"short store key":        second(sealed.ParseKey("c2VjcmV0")),
		"store in a folder":      second(file.Open(dir, file.Options{})),
		"client without URL":     second((&requestor.Client{}).StartSession(t.Context(), age)),
		"unknown method":         second(requestor.ParseAuth("bearer", "shop", "sesame")),
	} {
		if err == nil {
			t.Errorf("%s is no mistake", name)
			continue
		}
		got[name] = strings.ReplaceAll(err.Error(), dir, "DIR") + "\n"
	}
	golden.Compare(t, filepath.Join("testdata", "messages", "embedders.txt"), got)
}

// second returns the error of a call with a value and an error.
func second[T any](_ T, err error) error { return err }
