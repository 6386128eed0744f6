// Package store says what the session engine needs from the place where it
// keeps its sessions.
//
// A store holds small records of bytes under string keys and knows nothing of
// what is in them. It provides the two things that cannot be built on top:
// optimistic locking, so that of two concurrent changes to a record one is
// refused, and a way to wait for changes without polling each record.
//
// Package memory keeps records in the process, package file in a file that
// outlives it, and package redis where several servers share them; package sealed
// encrypts what one of these keeps. Package storetest holds the tests that every store must pass; the
// comments below and those tests together are the contract. Programs that only
// mount a server never need this package.
package store

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrNotFound says that the store has no such record: it was never
	// created, or it has expired.
	ErrNotFound = errors.New("store: record not found")

	// ErrConflict says that the stored revision is not the one that a Swap
	// was based on. Load again, decide again, swap again.
	ErrConflict = errors.New("store: record was changed")

	// ErrExists says that Create was given a key that is in use.
	ErrExists = errors.New("store: record exists")
)

const (
	// Tick bounds the delays of Due: a key is handed out at most a Tick after
	// its time, and next is at most a Tick away.
	Tick = time.Second

	// Claim is how long a key handed out by Due is held back before it is
	// handed out again, counted by the now of the caller. Work on a key that
	// takes longer may be done twice; Swap decides whose work counts.
	Claim = 10 * time.Second
)

// Record is what a store keeps under a key.
//
// Due and Expires come back as the same instants to the millisecond or better;
// location and monotonic reading may be lost. A store may clamp instants before
// 1970 and after 2262.
type Record struct {
	// Data is opaque to the store. Neither side changes the bytes after
	// handing them over: a store may keep the slice it was given and give the
	// same slice to many callers.
	Data []byte

	// Revision counts the writes to this record, starting at 1. Create
	// ignores it. For Swap it is the revision that the caller has loaded.
	Revision uint64

	// Due is when Due hands out the key. The zero time means never.
	Due time.Time

	// Expires is when the record ceases to exist, by the clock of the store.
	// The zero time means never. This is the only way to remove a record: to
	// do it at once, swap in a time that has passed.
	Expires time.Time
}

// Store keeps records. All methods are safe for concurrent use, and writes to
// one record are linearizable: once a Create or Swap has returned, every later
// Load, Swap and Watch by anybody sees it or a newer one.
//
// Records are independent: no order is promised between writes to different
// keys. A key may be used again after its record is gone, if nobody watches it.
//
// An expired record counts as absent for all methods from the instant it
// expires, whenever its memory is given back.
//
// Errors other than the sentinels of this package and those of ctx mean that
// the store could not be asked; the write may or may not have happened. A
// method that does not wait may ignore ctx.
type Store interface {
	// Create adds a record with revision 1. If the key is in use it returns
	// ErrExists and changes nothing.
	Create(ctx context.Context, key string, rec Record) error

	// Load returns the record, or ErrNotFound.
	Load(ctx context.Context, key string) (Record, error)

	// Swap replaces data, due time and expiry if the stored revision equals
	// rec.Revision, and stores rec.Revision+1. Otherwise it returns
	// ErrConflict, or ErrNotFound if there is no record, and changes nothing.
	Swap(ctx context.Context, key string, rec Record) error

	// Watch waits until the stored revision is greater than after and returns
	// the record as it then is; if it is greater already, Watch returns at
	// once. Revisions that were replaced before the watcher looked are
	// skipped, so a loop that passes the last revision it saw may miss steps
	// but never the last one. Watch returns ErrNotFound when there is no
	// record or when it expires while waiting, and the error of ctx when ctx
	// is done first. Nothing remains of a Watch that has returned.
	Watch(ctx context.Context, key string, after uint64) (Record, error)

	// Due hands out up to limit keys, limit being positive, of records whose Due
	// is not after now, and never a key whose Due is after now. Lateness is
	// bounded: a Due call whose now is a Tick or more past a record's Due
	// hands it out, unless limit keys come before it; those left behind do not
	// starve. No other order is promised.
	//
	// Handing out a key claims it: it is not handed out again, to this caller
	// or another, until its record is swapped or Claim has passed. So one of
	// several servers on a store does the work, and work whose doer fails or
	// dies is done again. A swap ends the claim whoever makes it; from then
	// on the new Due counts.
	//
	// The caller asks again at next, which is now if there may be more keys
	// already, and otherwise in the future by at most a Tick. It is never
	// zero: asking at least once per Tick is what notices records that are
	// scheduled meanwhile, by this process or another, and it lets the store
	// give back the memory of expired records. An idle call costs
	// microseconds, however many records there are.
	Due(ctx context.Context, now time.Time, limit int) (keys []string, next time.Time, err error)
}
