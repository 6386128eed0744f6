package scheme_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/scheme"
)

// panickyFS panics at one of its files.
type panickyFS struct{ fs.FS }

func (p panickyFS) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "description.xml") && strings.Count(name, "/") > 1 {
		panic("cannot read " + name)
	}
	return p.FS.Open(name)
}

// TestLoadPanics has a file system panic: Load does so too, where its caller can
// recover, though it reads with several goroutines.
func TestLoadPanics(t *testing.T) {
	t.Parallel()
	fsys := panickyFS{testScheme(t, "test").signed(t, "folder", "test")}
	err := caught.Do(func() error {
		_, err := scheme.Load(fsys, scheme.Options{})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "panic: cannot read") {
		t.Errorf("got %v", err)
	}
}
