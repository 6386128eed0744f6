package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
)

// fullFile names the store of a process whose files may not grow.
const fullFile = "IRMASERVER_TEST_FULL_FILE"

// TestFull lets a store run out of room, in a process with a limit on the size of
// files, and checks what is said about it, what is kept, and that all is well
// again when there is room.
func TestFull(t *testing.T) {
	t.Parallel()
	path := os.Getenv(fullFile)
	if path == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFull$", "-test.v")
		cmd.Env = append(os.Environ(), fullFile+"="+filepath.Join(t.TempDir(), "sessions.db"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	s := openAt(t, path)
	must(t, s.Create(t.Context(), "a", store.Record{Data: []byte("one")}))
	limit(t, 256<<10)
	fits, err := fill(t.Context(), s)
	if !tooLarge(err) || fits < 2 || fits > 20 {
		t.Errorf("%d records fit, and then %v", fits, err)
	}
	if err := s.Ping(t.Context()); !tooLarge(err) {
		t.Errorf("Ping of a full store: %v", err)
	}
	if rec, err := s.Load(t.Context(), "a"); err != nil || string(rec.Data) != "one" {
		t.Errorf("Load from a full store: %+v, %v", rec, err)
	}
	if _, err := s.Load(t.Context(), fmt.Sprint(fits)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Load of what did not fit: %v", err)
	}

	limit(t, 1<<30)
	must(t, s.Ping(t.Context()))
	must(t, s.Create(t.Context(), fmt.Sprint(fits), store.Record{Data: make([]byte, 16<<10)}))
	must(t, s.Swap(t.Context(), "a", store.Record{Revision: 1}))
	if n, err := s.Verify(); err != nil || n != fits+2 {
		t.Errorf("%d records, want %d; error %v", n, fits+2, err)
	}
	must(t, s.Close())
	if n, err := openAt(t, path).Verify(); err != nil || n != fits+2 {
		t.Errorf("after a restart %d records, want %d; error %v", n, fits+2, err)
	}
}

// tooLarge reports whether an error says what is wrong. The database has turned it
// into text.
func tooLarge(err error) bool {
	return err != nil && strings.Contains(err.Error(), "store/file: writing: ") && strings.Contains(err.Error(), syscall.EFBIG.Error())
}

// limit bounds the size of the files that this process writes.
func limit(t *testing.T, size uint64) {
	t.Helper()
	var now syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now))
	now.Cur = size
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now))
}

// fill creates records until that fails.
func fill(ctx context.Context, s *file.Store) (fits int, err error) {
	for ; ; fits++ {
		if err := s.Create(ctx, fmt.Sprint(fits), store.Record{Data: make([]byte, 16<<10)}); err != nil {
			return fits, err
		}
	}
}
