// Package sealed encrypts what another store holds. Whoever reads the database,
// a backup or the wire to it learns how many sessions there are, how large, when
// they change and when they end, and nothing else; whoever writes to it can
// remove records and put old ones back, and nothing else.
//
//	key, err := sealed.ParseKey(os.Getenv("STORE_KEY")) // openssl rand -base64 32
//	...
//	sessions, err := sealed.New(inner, sealed.Config{Keys: []sealed.Key{key}})
//
// # Data
//
// The data of a record are encrypted and authenticated with AES-256-GCM, bound to
// the record's name and revision: they cannot be moved to another record, or be
// given another revision. Who puts back an old record together with its old
// revision is not noticed; no store without memory of its own can notice that.
// The times of a record stay readable, since the store goes by them, and are not
// authenticated: the engine decides by the times in the data.
//
// # Names
//
// The key of a session's record is the token that gives access to it. The other
// store gets a name instead, from which the token comes back only with the key:
// the token, encrypted with AES-256 in counter mode under an initial value that is
// an HMAC of the token. That construction (SIV) is deterministic, so that the same
// token leads to the same name, and authenticated. Names are letters, digits, "-"
// and "_", and a third longer than token and HMAC together.
//
// # Keys
//
// The first key writes, all of them read. To replace a key while servers run:
// add the new one at the end, everywhere; then move it to the front, everywhere;
// then, when the last session has gone that the old one sealed, remove that. A
// record keeps the name that it was created with, so with more than one key
// looking for a record that the first has not named takes a question per key.
// Records whose key is missing are unknown, as are records that are not sealed.
//
// # Nonces
//
// Nonces of 96 bits are random. Under one key that would be safe for 2^32 writes,
// some weeks of a busy server. So each record has a key of its own, an HMAC of its
// name, which sees the few dozen writes of one session; as tokens are random,
// records never share one. A counter would not do: of two servers that write the
// same revision at once, both have sent it.
package sealed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/store"
)

var (
	// ErrKey says that a record was sealed with a key that is not configured.
	ErrKey = errors.New("store/sealed: the record was sealed with another key")

	// ErrDamaged says that a record is not what was sealed under this name and
	// revision.
	ErrDamaged = errors.New("store/sealed: the record has been changed since it was sealed")
)

// Config configures a Store.
type Config struct {
	// Keys are the keys of the records, between 1 and 8. The first writes, all
	// read.
	Keys []Key
}

// maxKeys bounds how many questions one record can take.
const maxKeys = 8

// Store is a store.Store that seals what it keeps in another. Make one with New.
// It has nothing to close.
type Store struct {
	inner store.Store
	rings []*ring
}

var _ store.Store = (*Store)(nil)

// New returns a store that keeps its records, sealed, in inner.
func New(inner store.Store, cfg Config) (*Store, error) {
	if len(cfg.Keys) == 0 || len(cfg.Keys) > maxKeys {
		return nil, fmt.Errorf("store/sealed: %d keys, want between 1 and %d", len(cfg.Keys), maxKeys)
	}
	s := &Store{inner: inner}
	seen := map[keyID]bool{}
	for i, key := range cfg.Keys {
		r, err := newRing(key)
		if err != nil {
			return nil, fmt.Errorf("store/sealed: key %d: %w", i+1, err)
		}
		if seen[r.id] {
			return nil, fmt.Errorf("store/sealed: key %d is given twice", i+1)
		}
		seen[r.id] = true
		s.rings = append(s.rings, r)
	}
	return s, nil
}

// Create implements store.Store. With several keys, it also looks for a record
// under the names that others than the first would give it.
func (s *Store) Create(ctx context.Context, key string, rec store.Record) error {
	for _, r := range s.rings[1:] {
		switch _, err := s.inner.Load(ctx, r.name(key)); {
		case err == nil:
			return store.ErrExists
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
	}
	name := s.rings[0].name(key)
	rec.Data = s.rings[0].seal(name, 1, rec.Data)
	return s.inner.Create(ctx, name, rec)
}

// Load implements store.Store.
func (s *Store) Load(ctx context.Context, key string) (store.Record, error) {
	return s.find(key, func(name string) (store.Record, error) { return s.inner.Load(ctx, name) })
}

// Watch implements store.Store.
func (s *Store) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	return s.find(key, func(name string) (store.Record, error) { return s.inner.Watch(ctx, name, after) })
}

// find asks for a record under its names, and opens it.
func (s *Store) find(key string, ask func(name string) (store.Record, error)) (store.Record, error) {
	for _, r := range s.rings {
		name := r.name(key)
		rec, err := ask(name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return store.Record{}, err
		}
		rec.Data, err = s.open(name, rec.Revision, rec.Data)
		return rec, err
	}
	return store.Record{}, store.ErrNotFound
}

// Swap implements store.Store.
func (s *Store) Swap(ctx context.Context, key string, rec store.Record) error {
	plain := rec.Data
	for _, r := range s.rings {
		name := r.name(key)
		rec.Data = s.rings[0].seal(name, rec.Revision+1, plain)
		if err := s.inner.Swap(ctx, name, rec); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return store.ErrNotFound
}

// Due implements store.Store. Names of none of its keys are passed over; when
// there is nothing else, the error is ErrKey, so that somebody hears of it.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	names, next, err := s.inner.Due(ctx, now, limit)
	if err != nil {
		return nil, next, err
	}
	var keys []string
	for _, name := range names {
		if key, err := s.keyOf(name); err == nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 && len(names) > 0 {
		return nil, next, fmt.Errorf("%d records are due, which stay as they are: %w", len(names), ErrKey)
	}
	return keys, next, nil
}
