package update_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// panicky is a network that panics once at one file, while several are fetched.
type panicky struct {
	http.RoundTripper
	panicked atomic.Bool
}

func (p *panicky) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "description.xml") && p.panicked.CompareAndSwap(false, true) {
		panic("a mistake in RoundTrip")
	}
	return p.RoundTripper.RoundTrip(r)
}

// TestNetworkPanics has that be a failure of an update, of which the observer is told.
func TestNetworkPanics(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir(), smallPublisher(t))
	told := ""
	cfg.HTTPClient = &http.Client{Transport: &panicky{RoundTripper: cfg.HTTPClient.Transport}}
	cfg.Observer = func(e update.Event) {
		if e.State == update.Failed {
			told += e.Err.Error()
		}
	}
	u := newUpdater(t, cfg)
	if err := u.Update(t.Context()); err == nil || !strings.Contains(told, "a mistake in RoundTrip") {
		t.Errorf("error %v, told %q", err, told)
	}
	mustUpdate(t, u)
}

// TestObserverPanics has that be a panic of whoever updates, who can recover.
func TestObserverPanics(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir(), smallPublisher(t))
	cfg.Observer = func(update.Event) { panic("a mistake in Observer") }
	u := newUpdater(t, cfg)
	if err := caught.Do(func() error { return u.Update(t.Context()) }); err == nil || !strings.Contains(err.Error(), "panic: a mistake in Observer") {
		t.Errorf("error %v", err)
	}
}

// TestWatcherPanics has new schemes be in use all the same.
func TestWatcherPanics(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir(), smallPublisher(t))
	ctx, stop := context.WithCancel(t.Context())
	told := ""
	cfg.Observer = func(e update.Event) {
		if e.State == update.Failed {
			told += e.Err.Error()
			stop()
		}
	}
	u := newUpdater(t, cfg)
	_ = u.Watch(ctx, func(*scheme.Set) { panic("a mistake in Watch") })
	if u.Current().Scheme("test") == nil || !strings.Contains(told, "a mistake in Watch") {
		t.Errorf("current %v, told %q", u.Current().Scheme("test"), told)
	}
}
