package update_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/scheme/update"
)

// TestReadOnly loads a directory in which an update was stopped while it replaced a
// scheme. Nothing in it changes, and what is the matter is told.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	p, other := newPublisher(t, "test"), newPublisher(t, "other")
	dir := t.TempDir()
	for folder, from := range map[string]string{"other": other.Dir, ".oldscheme1/test": p.Dir, ".tempscheme2/test": p.Dir} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	before := paths(t, dir)
	var told []update.Event
	cfg := config(dir, p)
	cfg.ReadOnly = true
	cfg.Observer = func(e update.Event) { told = append(told, e) }
	u := newUpdater(t, cfg)
	if issuerName(u.Current(), "other") == "" {
		t.Error("what is there is not loaded")
	}
	if len(told) != 1 || told[0].State != update.Failed || !strings.Contains(told[0].Err.Error(), "was stopped while it replaced a scheme") {
		t.Errorf("told %v", told)
	}
	if err := u.Update(t.Context()); err == nil || !strings.Contains(err.Error(), "ReadOnly") {
		t.Errorf("updating: %v", err)
	}
	if len(p.Asked()) > 0 {
		t.Error("the web server was asked")
	}
	if diff := cmp.Diff(before, paths(t, dir)); diff != "" {
		t.Errorf("the directory changed (-before +after):\n%s", diff)
	}
	cfg.ReadOnly = false
	if issuerName(newUpdater(t, cfg).Current(), "test") == "" {
		t.Error("the scheme does not come back when it may")
	}
}

// paths returns the names of all that is below dir.
func paths(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		out = append(out, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
