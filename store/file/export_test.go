package file

import (
	"bytes"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/irmad/irmaserver/store"
)

// Verify checks that the index has a slot for each record to which something
// happens, and no other. It returns the number of records.
func (s *Store) Verify() (records int, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		slots := 0
		err = b.records.ForEach(func(k, v []byte) error {
			records++
			key := string(k[1:])
			e, err := decodeEntry(key, v)
			if err != nil {
				return err
			}
			at := e.slot(key)
			if at == nil {
				return nil
			}
			slots++
			if times := b.index.Get(at); !bytes.Equal(times, e.times()) {
				return fmt.Errorf("the index has %x for %q, want %x", times, key, e.times())
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n := b.index.Stats().KeyN; n != slots {
			return fmt.Errorf("the index has %d slots for %d", n, slots)
		}
		return nil
	})
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		err = ErrClosed
	}
	return records, err
}

// EncodeRecord and DecodeRecord are the encoding of records.
func EncodeRecord(key string, rec store.Record) []byte {
	return entryOf(rec, rec.Revision).encode(key)
}

func DecodeRecord(key string, encoded []byte) (store.Record, error) {
	e, err := decodeEntry(key, encoded)
	return e.record(), err
}
