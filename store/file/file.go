// Package file is a store that keeps its records in one file, for a single
// server whose sessions must survive a restart. It is embedded: there is nothing
// else to run.
//
//	sessions, err := file.Open("/var/lib/irmad/sessions.db", file.Options{})
//
// # Durability
//
// A Create or Swap that has returned nil is on the disk: it survives the end of
// the process, however that comes, and a loss of power as far as the disk keeps
// what it has acknowledged. To pay for that once and not per session, writes
// that arrive while others are being written share the next commit. So one
// client alone waits for the disk at every write, and a hundred clients wait
// about as long as one.
//
// When a write fails, as on a full disk, nothing of its commit is kept, and the
// store serves on; Ping tells when writing works again.
//
// # The file
//
// It is a bbolt database, readable by its owner only, and locked: a second
// process gets ErrLocked. It grows with the number of records held at once. Room
// of records that are gone is used again but not given back to the file system.
// Records are kept as they come: package sealed encrypts them on their way.
package file

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/internal/instant"
)

var (
	// ErrLocked says that another process, or another Store of this one, has the
	// file open.
	ErrLocked = errors.New("store/file: the file is in use by another process")

	// ErrDamaged says that the contents of the file are not what a Store wrote.
	// Move it away; a new one is made.
	ErrDamaged = errors.New("store/file: the file is damaged or not a session store")

	// ErrClosed is returned by all methods after Close.
	ErrClosed = errors.New("store/file: closed")
)

// defaultLockTimeout is long enough for a process that is just ending.
const defaultLockTimeout = time.Second

// Options configure a Store. The zero value is ready for use.
type Options struct {
	// LockTimeout is how long Open waits for another process to close the file.
	// Zero means a second.
	LockTimeout time.Duration

	// Now is the clock by which records expire. Nil means time.Now.
	Now func() time.Time
}

// Store is a store.Store in a file. Make one with Open and Close it after use.
type Store struct {
	db      *bolt.DB
	now     func() time.Time
	queue   chan *write
	tidy    chan struct{} // asks the writer to remove what has expired
	closing chan struct{} // closed by Close
	ended   chan struct{} // closed when the writer has ended
	failed  atomic.Bool   // the last commit failed

	closed sync.Once
	result error // of Close

	mu     sync.Mutex // guards claims
	claims claims

	watches watches
}

var _ store.Store = (*Store)(nil)

// Open opens the store in the file with this name, which is made with mode 0600
// if it is not there; its directory must be. The error is ErrLocked if another
// process has it open, and ErrDamaged if it holds something else.
func Open(path string, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.LockTimeout <= 0 {
		opts.LockTimeout = defaultLockTimeout
	}
	db, err := openDB(path, opts.LockTimeout)
	if err != nil {
		return nil, fmt.Errorf("opening the store in %s: %w", path, err)
	}
	s := &Store{
		db:      db,
		now:     opts.Now,
		queue:   make(chan *write, maxBatch),
		tidy:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	go s.writeAll()
	return s, nil
}

// Close waits for the writes that have begun, and gives the file free. Watches
// end. Closing again does nothing and returns the same.
func (s *Store) Close() error {
	s.closed.Do(func() {
		close(s.closing)
		<-s.ended
		s.result = guard(s.db.Close)
	})
	return s.result
}

// Create implements store.Store.
func (s *Store) Create(ctx context.Context, key string, rec store.Record) error {
	return s.write(ctx, &write{kind: create, key: key, rec: rec})
}

// Swap implements store.Store.
func (s *Store) Swap(ctx context.Context, key string, rec store.Record) error {
	return s.write(ctx, &write{kind: swap, key: key, rec: rec})
}

// Load implements store.Store.
func (s *Store) Load(_ context.Context, key string) (store.Record, error) {
	var rec store.Record
	err := s.view(recordsBucket, func(records *bolt.Bucket) error {
		e, err := find(records, key)
		switch {
		case err != nil:
			return err
		case e.expires <= s.clock():
			return store.ErrNotFound
		}
		rec = e.record()
		return nil
	})
	return rec, err
}

// Ping reports whether the store can write, as far as is known from its last
// commit: after one that failed, Ping writes something to find out.
func (s *Store) Ping(ctx context.Context) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	if !s.failed.Load() {
		return nil
	}
	return s.write(ctx, &write{kind: probe})
}

func (s *Store) clock() instant.Instant { return instant.Of(s.now()) }

// view reads in a bucket.
func (s *Store) view(name string, read func(*bolt.Bucket) error) error {
	err := guard(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			b, err := bucketOf(tx, name)
			if err != nil {
				return err
			}
			return read(b)
		})
	})
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}
