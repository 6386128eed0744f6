package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/irmad/irmaserver/store"
)

func expiring(d time.Duration) store.Record {
	return store.Record{Data: []byte("data"), Expires: time.Now().Add(d)}
}

// gone waits until a record expires.
func gone(t *testing.T, s store.Store, key string, after uint64) {
	t.Helper()
	rec, err := s.Watch(deadline(t), key, after)
	if !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("watching %q until it expires: revision %d and error %v, want %v", key, rec.Revision, err, store.ErrNotFound)
	}
}

func testExpiry(t *testing.T, s store.Store) {
	create(t, s, "stays", expiring(time.Hour))
	create(t, s, "goes", expiring(soon))
	expect(t, load(t, s, "goes"), "data", 1)
	gone(t, s, "goes", 1)
	absent(t, s, "goes")
	expect(t, load(t, s, "stays"), "data", 1)

	create(t, s, "goes", data("again"))
	expect(t, load(t, s, "goes"), "again", 1)

	create(t, s, "past", expiring(-time.Second))
	absent(t, s, "past")
}

// testExpiryChanges checks that the expiry of the last write is the one that counts.
func testExpiryChanges(t *testing.T, s store.Store) {
	create(t, s, "longer", expiring(soon))
	create(t, s, "forever", expiring(soon))
	create(t, s, "shorter", expiring(time.Hour))
	create(t, s, "clock", expiring(2*soon))

	for key, rec := range map[string]store.Record{
		"longer":  expiring(time.Hour),
		"forever": data("data"),
		"shorter": expiring(soon),
	} {
		rec.Revision = 1
		swap(t, s, key, rec)
	}
	gone(t, s, "clock", 1)
	absent(t, s, "shorter")
	expect(t, load(t, s, "longer"), "data", 2)
	expect(t, load(t, s, "forever"), "data", 2)
}

func testSwapIntoThePast(t *testing.T, s store.Store) {
	create(t, s, "a", data("data"))
	rec := expiring(-time.Second)
	rec.Revision = 1
	swap(t, s, "a", rec)
	absent(t, s, "a")
}
