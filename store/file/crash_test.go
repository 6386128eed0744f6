package file_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
)

// crashFile names the store of a process that is to be killed.
const crashFile = "IRMASERVER_TEST_CRASH_FILE"

// writers is how many goroutines write there, each to a record of its own at a
// time.
const writers = 8

// TestKilled kills a process in the middle of its writes, again and again, and
// checks that each write that it had been told of is there.
func TestKilled(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	acknowledged := map[string]uint64{}
	for round := range 3 {
		writeUntilKilled(t, path, round, 150+50*round, acknowledged)
		s := openAt(t, path)
		for key, revision := range acknowledged {
			rec, err := s.Load(t.Context(), key)
			if err != nil {
				t.Fatalf("%s, of which revision %d was written: %v", key, revision, err)
			}
			if rec.Revision < revision || string(rec.Data) != crashData(key, rec.Revision) {
				t.Fatalf("%s is at revision %d with %d bytes, revision %d was written", key, rec.Revision, len(rec.Data), revision)
			}
		}
		if _, err := s.Verify(); err != nil {
			t.Fatal(err)
		}
		must(t, s.Close())
	}
	t.Logf("%d records, all there", len(acknowledged))
}

// writeUntilKilled runs a process that writes and tells what was written, and
// kills it when it has told so much.
func writeUntilKilled(t *testing.T, path string, round, enough int, acknowledged map[string]uint64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteUntilKilled$")
	cmd.Env = append(os.Environ(), crashFile+"="+path, "ROUND="+strconv.Itoa(round))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	told := 0
	for lines := bufio.NewScanner(out); lines.Scan(); told++ {
		key, revision, found := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseUint(revision, 10, 64)
		if !found || err != nil {
			t.Fatalf("the process says %q", lines.Text())
		}
		acknowledged[key] = n
		if told == enough {
			must(t, cmd.Process.Kill()) // SIGKILL
		}
	}
	if err := cmd.Wait(); err == nil || told < enough {
		t.Fatalf("the process ended by itself after %d writes: %v", told, err)
	}
}

// TestWriteUntilKilled is the process that TestKilled kills.
func TestWriteUntilKilled(t *testing.T) {
	path := os.Getenv(crashFile)
	if path == "" {
		t.Skip("is run by TestKilled")
	}
	s, err := file.Open(path, file.Options{})
	must(t, err)
	for i := range writers {
		go func() {
			for record := 0; ; record++ {
				key := fmt.Sprintf("%s.%d.%d", os.Getenv("ROUND"), i, record)
				for revision := range uint64(5) {
					if err := crashWrite(t, s, key, revision); err != nil {
						panic(err)
					}
					fmt.Fprintf(os.Stdout, "%s %d\n", key, revision+1) // one write, so whole lines
				}
			}
		}()
	}
	select {} // until it is killed
}

// crashWrite writes the revision after this one.
func crashWrite(t *testing.T, s store.Store, key string, revision uint64) error {
	at := time.Now().Add(time.Duration(revision) * time.Minute)
	rec := store.Record{Data: []byte(crashData(key, revision+1)), Revision: revision, Due: at, Expires: at.Add(time.Hour)}
	if revision == 0 {
		return s.Create(t.Context(), key, rec)
	}
	return s.Swap(t.Context(), key, rec)
}

func crashData(key string, revision uint64) string {
	return strings.Repeat(fmt.Sprintf("%s at %d. ", key, revision), int(revision)*40)
}
