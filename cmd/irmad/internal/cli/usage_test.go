package cli_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

func TestExit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err    error
		status int
		said   string
	}{
		"success":        {nil, cli.ExitOK, ""},
		"failure":        {errors.New("no"), cli.ExitFailed, "irmad: no\n"},
		"its own status": {fmt.Errorf("a: %w", &cli.ExitError{Status: 3, Err: errors.New("no")}), 3, "irmad: a: no\n"},
		"misuse":         {fmt.Errorf("a: %w", cli.Usage("no")), cli.ExitUsage, "irmad: no\nRun \"irmad help scheme sign\" for what can be given.\n"},
	} {
		var said strings.Builder
		p := &cli.Process{Stderr: &said, Topic: " sign"}
		if got := p.Exit(tt.err, " scheme"); got != tt.status || said.String() != tt.said {
			t.Errorf("%s: status %d, said %q", name, got, &said)
		}
	}
}
