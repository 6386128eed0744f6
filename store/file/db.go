package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/irmad/irmaserver/store"
)

// The buckets of the database. Keys of records have a byte before them, since
// bbolt has no empty keys.
const (
	metaBucket    = "meta"    // versionKey, probeKey
	recordsBucket = "records" // entries by key
	indexBucket   = "index"   // times by slot
)

const (
	versionKey = "version"
	probeKey   = "probe"
	version    = "irmaserver sessions 1"

	// keyPrefix and slots leave this much of the length of keys in bbolt.
	maxKey = bolt.MaxKeySize - 8
)

// guard runs f, and returns ErrDamaged if the file is not as it should be: bbolt
// panics where the pages of the file contradict each other, and the processor
// faults where a page is missing that others point to.
func guard(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, reason)
		}
	}()
	return f()
}

// openDB opens the database and makes what is not there yet.
func openDB(path string, patience time.Duration) (db *bolt.DB, err error) {
	err = guard(func() error {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: patience, FreelistType: bolt.FreelistMapType})
		if err != nil {
			return err
		}
		if err := prepare(db); err != nil {
			return errors.Join(err, db.Close())
		}
		return nil
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrLocked
	case errors.Is(err, ErrDamaged) || ofSystem(err):
		return nil, err
	}
	return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
}

// ofSystem reports whether an error comes from the operating system, and so says
// nothing about the contents of the file.
func ofSystem(err error) bool {
	var path *fs.PathError
	var call *os.SyscallError
	var number syscall.Errno
	return errors.As(err, &path) || errors.As(err, &call) || errors.As(err, &number)
}

// prepare checks that the database is one of ours, and makes it one if it is new.
func prepare(db *bolt.DB) error {
	if err := db.View(func(tx *bolt.Tx) error { return checkSize(db, tx) }); err != nil {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		if meta := tx.Bucket([]byte(metaBucket)); meta != nil {
			if found := string(meta.Get([]byte(versionKey))); found != version {
				return fmt.Errorf("%w: its version is %q, not %q", ErrDamaged, found, version)
			}
			_, err := bucketsOf(tx)
			return err
		}
		if first, _ := tx.Cursor().First(); first != nil {
			return fmt.Errorf("%w: it is the database of another program", ErrDamaged)
		}
		for _, name := range []string{metaBucket, recordsBucket, indexBucket} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(metaBucket)).Put([]byte(versionKey), []byte(version))
	})
}

// checkSize finds out whether a part of the file is missing.
func checkSize(db *bolt.DB, tx *bolt.Tx) error {
	info, err := os.Stat(db.Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: %d of %d bytes are missing", ErrDamaged, tx.Size()-info.Size(), tx.Size())
	}
	return nil
}

// buckets are those of a transaction.
type buckets struct{ meta, records, index *bolt.Bucket }

func bucketsOf(tx *bolt.Tx) (b buckets, err error) {
	for _, one := range []struct {
		name string
		to   **bolt.Bucket
	}{{metaBucket, &b.meta}, {recordsBucket, &b.records}, {indexBucket, &b.index}} {
		if *one.to, err = bucketOf(tx, one.name); err != nil {
			return buckets{}, err
		}
	}
	return b, nil
}

func bucketOf(tx *bolt.Tx, name string) (*bolt.Bucket, error) {
	b := tx.Bucket([]byte(name))
	if b == nil {
		return nil, fmt.Errorf("%w: it has no bucket %s", ErrDamaged, name)
	}
	return b, nil
}

// boltKey returns the form of a key in the records bucket.
func boltKey(key string) []byte { return append([]byte{'r'}, key...) }

// find returns the entry with this key, also if it has expired.
func find(records *bolt.Bucket, key string) (entry, error) {
	encoded := records.Get(boltKey(key))
	if encoded == nil {
		return entry{}, store.ErrNotFound
	}
	return decodeEntry(key, encoded)
}

// put stores an entry, and its slot if it has one.
func (b buckets) put(key string, e entry) error {
	if err := b.records.Put(boltKey(key), e.encode(key)); err != nil {
		return err
	}
	if at := e.slot(key); at != nil {
		return b.index.Put(at, e.times())
	}
	return nil
}

// unlist removes the slot of an entry.
func (b buckets) unlist(key string, e entry) error {
	if at := e.slot(key); at != nil {
		return b.index.Delete(at)
	}
	return nil
}
