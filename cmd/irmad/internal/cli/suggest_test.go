package cli_test

import (
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	names := []string{"port", "no_auth", "listen_addr"}
	for word, want := range map[string]string{
		"prot":      `; did you mean "port"?`,
		"no-auth":   `; did you mean "no_auth"?`,
		"listenadr": `; did you mean "listen_addr"?`,
		"kangaroo":  "",
		"":          "",
	} {
		if got := cli.DidYouMean(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
