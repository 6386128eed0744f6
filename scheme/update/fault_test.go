package update_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme/update"
)

// faults fails one operation on files, or that one and all after it, as when the
// machine stops there.
type faults struct {
	mu    sync.Mutex
	ops   []string
	at    int // from 0
	crash bool
}

func (f *faults) hook(op, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.ops)
	f.ops = append(f.ops, op+" "+path)
	if n == f.at || f.crash && n > f.at {
		return fmt.Errorf("%s: %w", op, syscall.ENOSPC)
	}
	return nil
}

// failingUpdate installs a first version and a private key, then fails at an
// operation of the update to a second version.
func failingUpdate(t *testing.T, p *publisher, first string, f *faults) (dir string, u *update.Updater, err error) {
	t.Helper()
	dir = t.TempDir()
	if first != "" {
		if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
			t.Fatal(err)
		}
	}
	u = newUpdater(t, config(dir, p))
	u.SetFault(f.hook)
	err = u.Update(context.Background())
	u.SetFault(noFault)
	return dir, u, err
}

// firstVersion returns a directory with the first version and a key of its own,
// after which the publisher has a second version.
func firstVersion(t *testing.T, p *publisher) string {
	t.Helper()
	first := t.TempDir()
	mustUpdate(t, newUpdater(t, config(first, p)))
	write(t, filepath.Join(first, "test/gov/PrivateKeys/9.xml"), "own key")
	p.Remove("vote")
	p.Rename("Town")
	return first
}

// smallPublisher publishes a scheme with few files.
func smallPublisher(t *testing.T) *publisher {
	t.Helper()
	p := newPublisher(t, "test")
	for _, name := range []string{"gov/Issues/ageLimits", "gov/Issues/personalData", "gov/Issues/root/logo.png", "gov/logo.png"} {
		p.Remove(name)
	}
	for _, name := range []string{"logo.png", "Issues", "PublicKeys", "PrivateKeys"} {
		p.Remove("vote/" + name)
	}
	p.Publish()
	return p
}

// TestFaults fails every operation on files in turn, alone and with all that
// follow, during an update and during a first download.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("update, crash %v", crash), func(t *testing.T) {
			t.Parallel()
			p := smallPublisher(t)
			first := firstVersion(t, p)
			everyFault(t, p, first, crash)
		})
		t.Run(fmt.Sprintf("download, crash %v", crash), func(t *testing.T) {
			t.Parallel()
			everyFault(t, smallPublisher(t), "", crash)
		})
	}
}

func everyFault(t *testing.T, p *publisher, first string, crash bool) {
	t.Helper()
	count := &faults{at: -1}
	if _, _, err := failingUpdate(t, p, first, count); err != nil {
		t.Fatal(err)
	}
	if len(count.ops) < 20 {
		t.Fatalf("only %d operations", len(count.ops))
	}
	old := "Demo government"
	if first == "" {
		old = ""
	}
	outcomes := map[string]int{}
	for at := range count.ops {
		f := &faults{at: at, crash: crash}
		dir, u, err := failingUpdate(t, p, first, f)
		name := issuerName(u.Current(), "test")
		outcomes[fmt.Sprintf("%q, failed: %v", name, err != nil)]++
		if name == "" && old != "" || err == nil && name == old {
			t.Errorf("fault at %s: memory has %q, error %v", f.ops[at], name, err)
		}
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("fault at %s: error %v", f.ops[at], err)
		}
		afterFault(t, p, dir, old, f.ops[at])
	}
	if len(outcomes) < 2 {
		t.Errorf("outcomes: %v", outcomes)
	}
}

// afterFault checks that a new start has the old version or the new one, that
// nothing is lost, and that the next update works.
func afterFault(t *testing.T, p *publisher, dir, old, op string) {
	t.Helper()
	u := newUpdater(t, config(dir, p))
	now := issuerName(p.Load(), "test")
	name := issuerName(u.Current(), "test")
	if name != old && name != now {
		t.Errorf("fault at %s: after a new start there is %q", op, name)
	}
	if got := issuerName(onDisk(t, dir), "test"); got != name {
		t.Errorf("fault at %s: memory has %q, disk has %q", op, name, got)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("fault at %s: left behind %v", op, got)
	}
	mustUpdate(t, u)
	if got := issuerName(onDisk(t, dir), "test"); got != now {
		t.Errorf("fault at %s: the next update gives %q", op, got)
	}
	if _, err := os.Stat(filepath.Join(dir, "test/gov/PrivateKeys/9.xml")); old != "" && err != nil {
		t.Errorf("fault at %s: %v", op, err)
	}
}

// TestFlushed checks that all of a version is on disk before it gets its place.
func TestFlushed(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	f := &faults{at: -1}
	first := firstVersion(t, p)
	dir, _, err := failingUpdate(t, p, first, f)
	if err != nil {
		t.Fatal(err)
	}
	final := filepath.Join(dir, "test")
	move := slices.IndexFunc(f.ops, func(op string) bool { return op == "rename "+final })
	if move < 0 {
		t.Fatal("the new version was not moved into place")
	}
	var want, got []string
	for _, op := range f.ops[:move] {
		kind, path, _ := strings.Cut(op, " ")
		switch {
		case kind == "create", kind == "mkdir" && strings.Contains(path, ".tempscheme") && !strings.HasSuffix(path, ".tempscheme"):
			want = append(want, path)
		case kind == "sync":
			got = append(got, path)
		}
	}
	for _, path := range want {
		if !slices.Contains(got, path) {
			t.Errorf("%s was not flushed", path)
		}
	}
	if !slices.Contains(f.ops[move:], "sync "+dir) {
		t.Error("the move was not flushed")
	}
}

// TestNoLinks checks that files are copied where they cannot be linked.
func TestNoLinks(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	first := firstVersion(t, p)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	u := newUpdater(t, config(dir, p))
	u.SetFault(func(op, _ string) error {
		if op == "link" {
			return syscall.EPERM
		}
		return nil
	})
	mustUpdate(t, u)
	want := files(t, p.Dir)
	want["gov/PrivateKeys/9.xml"] = "own key"
	want["vote/PrivateKeys/0.xml"] = files(t, first)["test/vote/PrivateKeys/0.xml"]
	if diff := cmp.Diff(want, files(t, filepath.Join(dir, "test"))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestDamaged checks that what was damaged on disk is repaired, with the version
// in memory meanwhile.
func TestDamaged(t *testing.T) {
	t.Parallel()
	damages := map[string]func(string) error{
		"changed file": func(dir string) error { return os.WriteFile(dir+"/gov/description.xml", []byte("x"), 0o644) },
		"lost file":    func(dir string) error { return os.Remove(dir + "/gov/PublicKeys/0.xml") },
		"no index":     func(dir string) error { return os.Remove(dir + "/index") },
		"no signature": func(dir string) error { return os.Remove(dir + "/index.sig") },
		"no key":       func(dir string) error { return os.Remove(dir + "/pk.pem") },
		"other index":  func(dir string) error { return os.WriteFile(dir+"/index", []byte("x"), 0o644) },
		"no timestamp": func(dir string) error { return os.Remove(dir + "/timestamp") },
		"all gone":     os.RemoveAll,
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublisher(t, "test")
			dir := t.TempDir()
			cfg := config(dir, p)
			u := newUpdater(t, cfg)
			mustUpdate(t, u)
			want := files(t, filepath.Join(dir, "test"))
			if err := damage(filepath.Join(dir, "test")); err != nil {
				t.Fatal(err)
			}
			if err := u.Reload(context.Background()); err != nil {
				t.Fatal(err)
			}
			if name != "all gone" && issuerName(u.Current(), "test") == "" {
				t.Error("the version in memory is gone")
			}
			mustUpdate(t, u)
			if diff := cmp.Diff(want, files(t, filepath.Join(dir, "test"))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if issuerName(onDisk(t, dir), "test") == "" || issuerName(u.Current(), "test") == "" {
				t.Error("not repaired")
			}
		})
	}
}

// TestRecoverOther checks that a scheme's folder comes back that became a
// leftover itself, unless another took its place.
func TestRecoverOther(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, "test")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, ".oldscheme123"), os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".tempscheme456/test/index"), "x")
	u := newUpdater(t, config(dir, p))
	if issuerName(u.Current(), "test") == "" {
		t.Error("the scheme did not come back")
	}
	p.Rename("Town")
	if err := os.CopyFS(filepath.Join(dir, ".oldscheme123"), os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	if got := issuerName(newUpdater(t, config(dir, p)).Current(), "test"); got != "Demo government" {
		t.Errorf("name is %q", got)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}
