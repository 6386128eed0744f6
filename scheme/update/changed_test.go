package update_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// TestReloadChanged changes files: they are loaded when they have stayed the same, and
// what cannot be loaded is tried once.
func TestReloadChanged(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir, keys := t.TempDir(), t.TempDir()
	cfg := config(dir, p)
	cfg.Options = scheme.Options{PrivateKeys: os.DirFS(keys)}
	u := newUpdater(t, cfg)
	mustUpdate(t, u)
	first := u.Current()
	look := func(changed, failed bool) {
		t.Helper()
		before := u.Current()
		err := u.ReloadChanged(t.Context())
		if (err != nil) != failed || (u.Current() != before) != changed {
			t.Errorf("loaded %v, error %v; want %v and an error %v", u.Current() != before, err, changed, failed)
		}
	}
	look(false, false)
	look(false, false)
	ring := filepath.Join(keys, "test.gov.xml")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(ring, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("<")
	look(false, false) // may be half written
	write("<x")
	look(false, false)
	look(false, true)
	look(false, false) // is not tried again
	if u.Current() != first {
		t.Error("a key that is wrong changed something")
	}
	write(p.Read("gov/PrivateKeys/0.xml"))
	look(false, false)
	look(true, false)
	look(false, false)

	folder := filepath.Join(dir, "photos") // is no scheme, whatever is in it
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	look(false, false)
	look(true, false)
	for _, name := range []string{"one.png", "two.png"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		look(false, false)
		look(false, false)
	}
	if err := os.WriteFile(filepath.Join(folder, "index"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	look(false, false)
	look(true, false)
}

// refuser is a network that is not there.
type refuser struct{}

func (refuser) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("network is unreachable")}
}

// TestFailuresAreTold checks that the observer hears of each failure, and can tell a
// network that is not there from the rest.
func TestFailuresAreTold(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	var events []update.Event
	start := func(cfg update.Config) *update.Updater {
		events = nil
		cfg.Observer = func(e update.Event) { events = append(events, e) }
		return newUpdater(t, cfg)
	}
	one := func(what string, scheme string, unreachable bool) {
		t.Helper()
		if len(events) != 1 || events[0].State != update.Failed || string(events[0].Scheme) != scheme || errors.Is(events[0].Err, update.ErrUnreachable) != unreachable {
			t.Errorf("%s: events %+v", what, events)
		}
	}
	cfg := config(t.TempDir(), p)
	cfg.HTTPClient = &http.Client{Transport: refuser{}}
	u := start(cfg)
	synctest.Test(t, func(t *testing.T) {
		if err := u.Update(t.Context()); !errors.Is(err, update.ErrUnreachable) {
			t.Errorf("error %v, want %v", err, update.ErrUnreachable)
		}
	})
	one("no network", "test", true)

	cfg = config(t.TempDir(), p)
	p.On("index", http.NotFound)
	u = start(cfg)
	if err := u.Update(t.Context()); err == nil || errors.Is(err, update.ErrUnreachable) {
		t.Errorf("error %v", err)
	}
	one("not found", "test", false)
	p.On("index", nil)

	file := filepath.Join(t.TempDir(), "file")
	u = start(config(filepath.Join(file, "dir"), p))
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.Update(t.Context()); err == nil {
		t.Error("schemes were installed below a file")
	}
	one("no directory", "", false)

	u = start(config(t.TempDir(), p))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := u.Update(ctx); !errors.Is(err, context.Canceled) || len(events) > 0 {
		t.Errorf("stopped: %v, events %+v", err, events)
	}
}
