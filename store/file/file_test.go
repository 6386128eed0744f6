package file_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
	"github.com/irmad/irmaserver/store/storetest"
)

// open returns a store in a file of its own. At the end of the test its index
// must fit its records.
func open(t *testing.T) store.Store {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := openAt(t, path)
	t.Cleanup(func() {
		if _, err := s.Verify(); err != nil && !errors.Is(err, file.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

// openAt returns the store in a file, to be closed at the end of the test if it
// is not before.
func openAt(t testing.TB, path string) *file.Store {
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

// TestCloseLeavesNothing fails if a goroutine outlives the store.
func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openAt(t, filepath.Join(t.TempDir(), "sessions.db"))
		must(t, s.Create(t.Context(), "a", store.Record{Expires: time.Now().Add(time.Hour)}))
		watched := make(chan error)
		go func() {
			_, err := s.Watch(t.Context(), "a", 1)
			watched <- err
		}()
		synctest.Wait()
		must(t, s.Close())
		if err := <-watched; !errors.Is(err, file.ErrClosed) {
			t.Errorf("Watch: %v, want %v", err, file.ErrClosed)
		}
	})
}

// TestReopen checks that all of a record is there after a restart, that what was
// claimed is handed out again, and that what has expired meanwhile is gone.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	now := time.Now()
	s := openAt(t, path)
	rec := store.Record{Data: []byte("one"), Due: now.Add(-time.Second), Expires: now.Add(time.Hour)}
	must(t, s.Create(t.Context(), "a", rec))
	rec.Data, rec.Revision = []byte("two"), 1
	must(t, s.Swap(t.Context(), "a", rec))
	must(t, s.Create(t.Context(), "gone", store.Record{Due: now, Expires: now.Add(20 * time.Minute)}))
	if keys, _, err := s.Due(t.Context(), now, 10); err != nil || len(keys) != 2 {
		t.Fatalf("Due: %q, %v", keys, err)
	}
	must(t, s.Close())

	later := func() time.Time { return now.Add(30 * time.Minute) }
	s, err := file.Open(path, file.Options{Now: later})
	must(t, err)
	defer s.Close()
	got, err := s.Load(t.Context(), "a")
	must(t, err)
	if string(got.Data) != "two" || got.Revision != 2 || !got.Due.Equal(rec.Due) || !got.Expires.Equal(rec.Expires) {
		t.Errorf("got %+v, want %+v at revision 2", got, rec)
	}
	if _, err := s.Load(t.Context(), "gone"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("expired record: %v", err)
	}
	if keys, _, err := s.Due(t.Context(), now, 10); err != nil || len(keys) != 1 || keys[0] != "a" {
		t.Errorf("Due after the restart: %q, %v", keys, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	openAt(t, path("open.db"))
	must(t, os.WriteFile(path("text.db"), []byte(strings.Repeat("no database", 10000)), 0o600))
	must(t, os.WriteFile(path("short.db"), []byte("x"), 0o600))
	foreign := bolted(t, path("foreign.db"), "things", "", "")
	newer := bolted(t, path("newer.db"), "meta", "version", "irmaserver sessions 2")
	for name, tt := range map[string]struct {
		path string
		want error // nil for any
		text string
	}{
		"open already":       {path("open.db"), file.ErrLocked, "open.db: store/file: the file is in use by another process"},
		"no database":        {path("text.db"), file.ErrDamaged, "text.db"},
		"too short":          {path("short.db"), file.ErrDamaged, "short.db"},
		"of another program": {foreign, file.ErrDamaged, "it is the database of another program"},
		"of another version": {newer, file.ErrDamaged, `its version is "irmaserver sessions 2"`},
		"no directory":       {path("none/a.db"), os.ErrNotExist, "none"},
		"a directory":        {dir, nil, "is a directory"},
	} {
		s, err := file.Open(tt.path, file.Options{LockTimeout: time.Millisecond})
		if err == nil {
			s.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: error is %v, want %v with %q", name, err, tt.want, tt.text)
		}
	}
}

// bolted makes a database with a bucket.
func bolted(t *testing.T, path, bucket, key, value string) string {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte(bucket))
		if err != nil || key == "" {
			return err
		}
		return b.Put([]byte(key), []byte(value))
	}))
	must(t, db.Close())
	return path
}

func TestMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	path := filepath.Join(t.TempDir(), "sessions.db")
	openAt(t, path)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode %v, want -rw-------", info.Mode())
	}
}

func TestLongKey(t *testing.T) {
	t.Parallel()
	s := open(t)
	long := strings.Repeat("k", 1<<16)
	if err := s.Create(t.Context(), long, store.Record{}); err == nil || !strings.Contains(err.Error(), "a key of 65536 bytes is longer than") {
		t.Errorf("Create: %v", err)
	}
	if _, err := s.Load(t.Context(), long); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load: %v", err)
	}
}

// TestSize checks that room is used again: a file through which many records go
// grows no larger than a few of them need.
func TestSize(t *testing.T) {
	t.Parallel()
	const rounds, records = 20, 100
	path := filepath.Join(t.TempDir(), "sessions.db")
	now := time.Now()
	s, err := file.Open(path, file.Options{Now: func() time.Time { return now }})
	must(t, err)
	defer s.Close()
	var early int64
	for round := range rounds {
		errs := make(chan error)
		for i := range records {
			rec := store.Record{Data: make([]byte, 2000), Due: now.Add(time.Minute), Expires: now.Add(time.Hour)}
			go func() { errs <- s.Create(t.Context(), fmt.Sprintf("%d.%d", round, i), rec) }()
		}
		for range records {
			must(t, <-errs)
		}
		now = now.Add(2 * time.Hour)
		if keys, _, err := s.Due(t.Context(), now, 10); err != nil || len(keys) > 0 {
			t.Fatalf("Due: %q, %v", keys, err)
		}
		must(t, s.Create(t.Context(), fmt.Sprint("stays ", round), store.Record{})) // and removes what has expired
		if n, err := s.Verify(); err != nil || n != round+1 {
			t.Fatalf("%d records after round %d, error %v", n, round, err)
		}
		info, err := os.Stat(path)
		must(t, err)
		if round == 5 {
			early = info.Size()
		}
		if round > 5 && info.Size() > early*3/2 {
			t.Fatalf("%d bytes after round %d, %d after round 5", info.Size(), round, early)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
