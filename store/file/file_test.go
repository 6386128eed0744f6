package file_test

import (
	"path/filepath"
	"testing"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/storetest"
)

// open returns a store in a file of its own.
func open(t *testing.T) store.Store {
	return openAt(t, filepath.Join(t.TempDir(), "sessions.db"))
}

// openAt returns the store in a file, to be closed at the end of the test if it
// is not before.
func openAt(t *testing.T, path string) *file.Store {
	t.Helper()
	s, err := file.Open(path, file.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, open)
}
