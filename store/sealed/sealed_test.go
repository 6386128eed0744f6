package sealed_test

import (
	"bytes"
	"testing"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/store/sealed"
	"github.com/irmad/irmaserver/store/storetest"
)

// newKey returns a key of 32 equal bytes.
func newKey(t testing.TB, b byte) sealed.Key {
	t.Helper()
	key, err := sealed.NewKey(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// seal returns a store that seals what inner keeps.
func seal(t testing.TB, inner store.Store, keys ...sealed.Key) *sealed.Store {
	t.Helper()
	s, err := sealed.New(inner, sealed.Config{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("one key", func(t *testing.T) {
		t.Parallel()
		storetest.RunVirtual(t, func(t *testing.T) store.Store {
			return seal(t, memory.New(memory.Config{}), newKey(t, 1))
		})
	})
	t.Run("three keys", func(t *testing.T) {
		t.Parallel()
		storetest.RunVirtual(t, func(t *testing.T) store.Store {
			return seal(t, memory.New(memory.Config{}), newKey(t, 1), newKey(t, 2), newKey(t, 3))
		})
	})
}
