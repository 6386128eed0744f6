package file_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/file"
)

// damageData is what the records of TestDamage hold.
func damageData(i int) string { return fmt.Sprintf("%0400d", i) }

const damageRecords = 150

// TestDamage damages a file in many ways. What comes back is what was written,
// or an error that tells of the damage.
func TestDamage(t *testing.T) {
	t.Parallel()
	whole := wholeFile(t)
	page := os.Getpagesize()
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, page)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var told int
	try := func(name string, damaged []byte) {
		if testDamaged(t, name, damaged) {
			told++
		}
	}
	pages := len(whole) / page
	for i := range pages {
		try(fmt.Sprintf("cut off at page %d", i), whole[:i*page+page/3])
		for what, with := range map[string][]byte{"zeros": make([]byte, page), "noise": noise} {
			damaged := bytes.Clone(whole)
			copy(damaged[i*page:], with)
			try(fmt.Sprintf("%s in page %d", what, i), damaged)
		}
	}
	for range 30 {
		damaged, at := bytes.Clone(whole), random.IntN(len(whole))
		damaged[at] ^= 1 << random.IntN(8)
		try(fmt.Sprintf("a bit of byte %d", at), damaged)
	}
	if told < pages {
		t.Errorf("damage was told of %d times for %d pages", told, pages)
	}
}

// wholeFile returns a file with records.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	s := openAt(t, path)
	errs := make(chan error)
	for i := range damageRecords {
		rec := store.Record{Data: []byte(damageData(i)), Due: time.Now(), Expires: time.Now().Add(time.Hour)}
		go func() { errs <- s.Create(t.Context(), fmt.Sprint(i), rec) }()
	}
	for range damageRecords {
		must(t, <-errs)
	}
	must(t, s.Close())
	whole, err := os.ReadFile(path)
	must(t, err)
	return whole
}

// testDamaged uses a damaged file, and reports whether that was told.
func testDamaged(t *testing.T, name string, damaged []byte) (told bool) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "damaged.db")
	must(t, os.WriteFile(path, damaged, 0o600))
	check := func(what string, err error) {
		t.Helper()
		if errors.Is(err, file.ErrDamaged) {
			told = true
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %s: %v", name, what, err)
		}
	}
	s, err := file.Open(path, file.Options{})
	if err != nil {
		check("Open", err)
		return told
	}
	defer s.Close()
	for i := range damageRecords {
		rec, err := s.Load(t.Context(), fmt.Sprint(i))
		check("Load", err)
		if err == nil && string(rec.Data) != damageData(i) {
			t.Errorf("%s: record %d has other data than was written", name, i)
		}
	}
	_, _, err = s.Due(t.Context(), time.Now(), 1000)
	check("Due", err)
	if told {
		return true
	}
	created := make(chan error, 1)
	go func() { created <- s.Create(t.Context(), "new", store.Record{}) }() // in the same commit
	check("Swap", s.Swap(t.Context(), "0", store.Record{Revision: 1}))
	check("Create", <-created)
	return told
}

func FuzzDecodeRecord(f *testing.F) {
	f.Add("key", []byte(nil))
	for _, rec := range []store.Record{
		{Revision: 1},
		{Revision: 7, Data: []byte("data"), Due: time.Unix(1, 2), Expires: time.Unix(3, 4)},
	} {
		f.Add("key", file.EncodeRecord("key", rec))
	}
	f.Fuzz(func(t *testing.T, key string, encoded []byte) {
		rec, err := file.DecodeRecord(key, encoded)
		if err != nil {
			if !errors.Is(err, file.ErrDamaged) {
				t.Errorf("error %v", err)
			}
			return
		}
		if again := file.EncodeRecord(key, rec); !bytes.Equal(again, encoded) {
			t.Errorf("encoded again (-want +got):\n%s", cmp.Diff(encoded, again))
		}
		if _, err := file.DecodeRecord(key+"x", encoded); err == nil {
			t.Error("decodes under another key")
		}
	})
}
