package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUnit compares the systemd unit with what irmad does: it is started with
// flags that there are, and has the time that stopping takes.
func TestUnit(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../packaging/irmad.service")
	must(t, err)
	value := func(name string) string {
		found := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(string(data))
		if found == nil {
			t.Fatalf("the unit has no %s", name)
		}
		return found[1]
	}
	if got := value("Type"); got != "notify" {
		t.Errorf("Type is %s", got)
	}
	defaults := settingsOf(t, nil, nil)
	patience, err := time.ParseDuration(value("TimeoutStopSec"))
	must(t, err)
	if needed := defaults.StopDelay() + defaults.StopTimeout(); patience <= needed {
		t.Errorf("TimeoutStopSec is %s, and stopping takes up to %s", patience, needed)
	}
	command := strings.Fields(value("ExecStart"))
	name, args := split(command[1:])
	if want := []string{"--config", "/etc/irmaserver/irmaserver.yaml"}; name != "serve" || !slices.Equal(args, want) {
		t.Errorf("ExecStart %q: command %s, arguments %q", command, name, args)
	}
}
