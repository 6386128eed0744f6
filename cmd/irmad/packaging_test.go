package main

import (
	"os"
	"regexp"
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
	if needed := defaults.shutdownDelay() + defaults.shutdownTimeout(); patience <= needed {
		t.Errorf("TimeoutStopSec is %s, and stopping takes up to %s", patience, needed)
	}
	command := strings.Fields(value("ExecStart"))
	name, args := split(command[1:])
	flags, rest, err := parseFlags(args)
	if name != "serve" || err != nil || len(rest) > 0 || flags.values["config"] != "/etc/irmaserver/irmaserver.yaml" {
		t.Errorf("ExecStart %q: command %s, flags %v, %v, %v", command, name, flags.values, rest, err)
	}
}
