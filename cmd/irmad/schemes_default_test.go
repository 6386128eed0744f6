package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/update"
)

// TestSchemeOptions refuses options about schemes that are wrong.
func TestSchemeOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		fail string
	}{
		"negative interval":   {[]string{"--schemes-update=-1"}, "schemes_update must be between 0 and"},
		"interval too long":   {[]string{"--schemes-update=525601"}, "schemes_update must be between 0 and"},
		"mirror without host": {[]string{"--schemes-mirror=https:///x"}, "schemes_mirror must be like https://example.com/schemes"},
		"mirror, other form":  {[]string{"--schemes-mirror=file:///x"}, "schemes_mirror"},
		"mirror, password":    {[]string{"--schemes-mirror=https://a:b@c.nl"}, "schemes_mirror"},
		"no such assets":      {[]string{"--schemes-assets-path=nowhere"}, "schemes_assets_path nowhere does not exist"},
		"good":                {[]string{"--schemes-mirror=https://c.nl", "--schemes-update=1"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, a, err := configure(&process{Process: cli.Process{Args: tt.args, Env: []string{"HOME=" + t.TempDir()}, Stderr: newAwaitedLog()}}, true)
			if err == nil {
				must(t, a.close())
			}
			if (err == nil) != (tt.fail == "") || err != nil && !strings.Contains(err.Error(), tt.fail) {
				t.Errorf("got %v, want %q", err, tt.fail)
			}
			if err != nil && strings.Contains(err.Error(), "a:b") {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// TestSchemeNarrator checks what is logged of updates: being offline and a failure
// that stays the same once, and progress now and then.
func TestSchemeNarrator(t *testing.T) {
	t.Parallel()
	unreachable := fmt.Errorf("fetching x: %w", update.ErrUnreachable)
	other := errors.New("the file does not have the hash in the index")
	down := func(done int) update.Event {
		return update.Event{Scheme: "town", State: update.Downloading, Done: done, Total: 3}
	}
	failed := func(id irma.SchemeID, err error) update.Event {
		return update.Event{Scheme: id, State: update.Failed, Err: err}
	}
	tests := map[string]struct {
		events []update.Event
		want   []string
	}{
		"offline": {
			[]update.Event{failed("town", unreachable), failed("city", unreachable), failed("town", unreachable)},
			[]string{"schemes cannot be fetched now: serving what is there, and trying again later"},
		},
		"online again": {
			[]update.Event{failed("town", unreachable), {Scheme: "city", State: update.Unchanged}, failed("town", unreachable)},
			[]string{"schemes cannot be fetched now: serving what is there, and trying again later", "schemes can be fetched again", "schemes cannot be fetched now: serving what is there, and trying again later"},
		},
		"the same failure": {
			[]update.Event{failed("town", other), failed("town", other), failed("", other), failed("", other)},
			[]string{"schemes are not updated, the old ones stay", "schemes are not updated, the old ones stay"},
		},
		"another failure": {
			[]update.Event{failed("town", other), failed("town", update.ErrNotNewer)},
			[]string{"schemes are not updated, the old ones stay", "schemes are not updated, the old ones stay"},
		},
		"mended, and broken again": {
			[]update.Event{failed("town", other), {Scheme: "town", State: update.Unchanged}, failed("town", other)},
			[]string{"schemes are not updated, the old ones stay", "schemes are not updated, the old ones stay"},
		},
		"another process": {[]update.Event{failed("", update.ErrLocked)}, nil},
		"download": {
			[]update.Event{down(1), down(2), down(3), {Scheme: "town", State: update.Installed, Version: time.Unix(1, 0)}},
			[]string{"fetching scheme", "scheme installed"},
		},
		"nothing new": {[]update.Event{{Scheme: "town", State: update.Unchanged}}, nil},
	}
	for name, tt := range tests {
		core, logs := observer.New(zap.InfoLevel)
		n := newSchemeNarrator(zap.New(core))
		for _, event := range tt.events {
			n.event(event)
		}
		var got []string
		for _, entry := range logs.All() {
			got = append(got, entry.Message)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
