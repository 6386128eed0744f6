package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/irmad/irmaserver/store"
)

// storeBuckets are in seconds, for a store that is elsewhere.
var storeBuckets = []float64{.0002, .0005, .001, .002, .005, .01, .05, .2, 1, 3}

// Store returns a store that counts what is asked of it. Watching is not timed:
// it lasts as long as nothing happens.
func (m *Metrics) Store(of store.Store) store.Store {
	for _, operation := range []string{"create", "load", "swap", "watch", "due"} { // so that there is a zero to start from
		m.storeErrors.WithLabelValues(operation)
	}
	return &countedStore{Store: of, metrics: m}
}

type countedStore struct {
	store.Store
	metrics *Metrics
}

// observe returns a function that counts an operation which begins now.
func (s *countedStore) observe(ctx context.Context, operation string) func(error) {
	start := time.Now()
	return func(err error) {
		s.metrics.storeTime.WithLabelValues(operation).Observe(time.Since(start).Seconds())
		s.failed(ctx, operation, err)
	}
}

// failed counts an error that is not about a record and not the caller's.
func (s *countedStore) failed(ctx context.Context, operation string, err error) {
	if err == nil || ctx.Err() != nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
		return
	}
	s.metrics.storeErrors.WithLabelValues(operation).Inc()
}

// Create implements store.Store.
func (s *countedStore) Create(ctx context.Context, key string, rec store.Record) error {
	done := s.observe(ctx, "create")
	err := s.Store.Create(ctx, key, rec)
	done(err)
	return err
}

// Load implements store.Store.
func (s *countedStore) Load(ctx context.Context, key string) (store.Record, error) {
	done := s.observe(ctx, "load")
	rec, err := s.Store.Load(ctx, key)
	done(err)
	return rec, err
}

// Swap implements store.Store.
func (s *countedStore) Swap(ctx context.Context, key string, rec store.Record) error {
	done := s.observe(ctx, "swap")
	err := s.Store.Swap(ctx, key, rec)
	done(err)
	return err
}

// Watch implements store.Store.
func (s *countedStore) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	rec, err := s.Store.Watch(ctx, key, after)
	s.failed(ctx, "watch", err)
	return rec, err
}

// Due implements store.Store.
func (s *countedStore) Due(ctx context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	done := s.observe(ctx, "due")
	keys, next, err := s.Store.Due(ctx, now, limit)
	done(err)
	return keys, next, err
}
