package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSpelled(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"irmad":                     "",
		"irmad irma":                "irma",
		"/usr/bin/irmad server":     "server",
		"irma":                      "help",
		"./irma session --noqr":     "session --noqr",
		"irma.exe server check":     "server check",
		"yivi":                      "help",
		"yivi irma":                 "help",
		"yivi version":              "version",
		"/opt/yivi irma session -v": "session -v",
		"yivi irma irma":            "irma",
		"/opt/irma/irmad -p 80":     "-p 80",
		"/opt/yivi/irmad yivi irma": "yivi irma",
		"":                          "",
	} {
		if diff := cmp.Diff(strings.Fields(want), append([]string{}, spelled(strings.Fields(line))...)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}
