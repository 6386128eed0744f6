package update_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// names are the names of the issuer gov that Watch told of.
type names struct {
	mu  sync.Mutex
	all []string
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, name)
}

func (n *names) get() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all)
}

// watch runs Watch until the test ends.
func watch(t *testing.T, u *update.Updater, id irma.SchemeID) *names {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	told := new(names)
	go func() {
		done <- u.Watch(ctx, func(set *scheme.Set) {
			if set != u.Current() {
				t.Error("told of another set than the current one")
			}
			told.add(issuerName(set, id))
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch returned %v", err)
		}
	})
	return told
}

// indexes counts the requests for the index since the last call.
func indexes(p *publisher) int {
	return len(slices.DeleteFunc(p.Asked(), func(file string) bool { return file != "index" }))
}

func TestWatch(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		cfg := config(dir, p)
		cfg.Interval = 10 * time.Minute
		u := newUpdater(t, cfg)
		names := watch(t, u, "test")
		synctest.Wait()
		time.Sleep(time.Second)
		p.Rename("Town")
		time.Sleep(9 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Demo government"}, names.get()); diff != "" {
			t.Errorf("before the interval (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Demo government", "Demo Town"}, names.get()); diff != "" {
			t.Errorf("after the interval (-want +got):\n%s", diff)
		}
	})
}

// TestWatchRetries checks that a server without a network soon notices that there
// is one.
func TestWatchRetries(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	p.On("index", http.NotFound)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		u := newUpdater(t, config(dir, p))
		names := watch(t, u, "test")
		var got []int
		for range 8 {
			time.Sleep(time.Minute)
			synctest.Wait()
			got = append(got, indexes(p))
		}
		if diff := cmp.Diff([]int{2, 0, 1, 0, 0, 0, 1, 0}, got); diff != "" {
			t.Errorf("attempts per minute (-want +got):\n%s", diff)
		}
		p.On("index", nil)
		time.Sleep(7 * time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Demo government"}, names.get()); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
		p.Asked()
		time.Sleep(59 * time.Minute)
		if n := indexes(p); n != 0 {
			t.Errorf("%d attempts within an hour of success", n)
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		u := newUpdater(t, config(dir, p))
		names := watch(t, u, "test")
		synctest.Wait()
		p.Rename("Town")
		p.Asked()
		ask := func() int {
			for range 100 {
				u.Refresh("test", "unknown", "test")
			}
			time.Sleep(time.Millisecond)
			synctest.Wait()
			return indexes(p)
		}
		if n := ask(); n != 0 {
			t.Errorf("%d attempts right after an update", n)
		}
		time.Sleep(time.Minute)
		if n := ask(); n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
		if n := ask(); n != 0 {
			t.Errorf("%d attempts within a minute", n)
		}
		if diff := cmp.Diff([]string{"Demo government", "Demo Town"}, names.get()); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
	})
}

// TestReload checks that an operator's changes are found, also by an update that
// finds no new version.
func TestReload(t *testing.T) {
	t.Parallel()
	a, b := newPublisher(t, "a"), newPublisher(t, "b")
	key := b.Read("gov/PrivateKeys/0.xml")
	b.Remove("gov/PrivateKeys")
	dir := t.TempDir()
	u := newUpdater(t, config(dir, a))
	mustUpdate(t, u)
	if err := os.CopyFS(filepath.Join(dir, "b"), os.DirFS(b.Dir)); err != nil {
		t.Fatal(err)
	}
	if err := u.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := u.Current().LatestPrivateKey("b.gov"); err == nil || issuerName(u.Current(), "b") == "" {
		t.Errorf("scheme b: %v", err)
	}
	write(t, filepath.Join(dir, "b/gov/PrivateKeys/0.xml"), key)
	_ = u.Update(t.Context()) // b is published nowhere
	if _, err := u.Current().PrivateKey("b.gov", 0); err != nil {
		t.Errorf("private key: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, u)
	if u.Current().Scheme("b") != nil {
		t.Error("scheme b was removed and is there")
	}
}

// TestPrivateKeyFolder checks that keys of a scheme that is yet to be installed
// are taken in when it is, and that no version replaces one with which they can
// be used if they cannot be used with it.
func TestPrivateKeyFolder(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	key := p.Read("gov/PrivateKeys/0.xml")
	p.Remove("gov/PrivateKeys")
	keys := t.TempDir()
	write(t, filepath.Join(keys, "test.gov.xml"), key)
	dir := t.TempDir()
	cfg := config(dir, p)
	cfg.Options.PrivateKeys = os.DirFS(keys)
	u := newUpdater(t, cfg)
	mustUpdate(t, u)
	if _, err := u.Current().PrivateKey("test.gov", 0); err != nil {
		t.Fatal(err)
	}
	p.Remove("gov")
	p.Publish()
	if err := u.Update(t.Context()); err == nil {
		t.Error("installed a version without the issuer of a private key")
	}
	if _, err := newUpdater(t, cfg).Current().PrivateKey("test.gov", 0); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(keys, "other.gov.xml"), key)
	if _, err := update.New(cfg); err == nil {
		t.Error("started with the key of a scheme that nobody knows")
	}
	if err := u.Reload(t.Context()); err == nil || issuerName(u.Current(), "test") == "" {
		t.Errorf("reloaded with it: %v", err)
	}
}

// TestConcurrent uses everything at once, for the race detector.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	u := newUpdater(t, config(dir, p))
	mustUpdate(t, u)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	for _, use := range []func(){
		func() { _ = u.Watch(ctx, func(*scheme.Set) {}) },
		func() { u.Refresh("test") },
		func() { _ = u.Reload(ctx) },
		func() { _ = newUpdater(t, config(dir, p)) },
		func() { _ = u.Update(ctx) },
	} {
		go func() {
			for range 20 {
				use()
			}
			done <- struct{}{}
		}()
	}
	for _, name := range []string{"A", "B", "C"} {
		p.Rename(name)
		for issuerName(u.Current(), "test") != "Demo "+name {
			if issuerName(u.Current(), "test") == "" {
				t.Fatal("the scheme is gone")
			}
			// Another Updater may have the lock while it cleans up.
			if err := u.Update(ctx); err != nil && !errors.Is(err, update.ErrLocked) {
				t.Fatal(err)
			}
		}
	}
	cancel()
	for range 5 {
		<-done
	}
}
