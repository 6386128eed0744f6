package storetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// lastWins takes every swap, whatever it is based on.
type lastWins struct{ *memory.Store }

func (s lastWins) Swap(ctx context.Context, key string, rec store.Record) error {
	for {
		now, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		rec.Revision = now.Revision
		if err := s.Store.Swap(ctx, key, rec); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// stale answers from what it has loaded before, as a replica that lags does.
type stale struct {
	*memory.Store
	loaded *sync.Map
}

func (s stale) Load(ctx context.Context, key string) (store.Record, error) {
	rec, err := s.Store.Load(ctx, key)
	if err != nil {
		return rec, err
	}
	first, _ := s.loaded.LoadOrStore(key, rec)
	return first.(store.Record), nil
}

// ashamed says that a swap was in conflict which has been done, as one does that
// tries again after a lost answer.
type ashamed struct{ *memory.Store }

func (s ashamed) Swap(ctx context.Context, key string, rec store.Record) error {
	if err := s.Store.Swap(ctx, key, rec); err != nil || rec.Revision%3 != 0 {
		return err
	}
	return store.ErrConflict
}

// hasty returns from Watch without a change.
type hasty struct{ *memory.Store }

func (s hasty) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	return s.Store.Watch(ctx, key, max(after, 1)-1)
}

// forgetful loses records now and then.
type forgetful struct{ *memory.Store }

func (s forgetful) Load(ctx context.Context, key string) (store.Record, error) {
	rec, err := s.Store.Load(ctx, key)
	if rec.Revision%5 == 4 {
		return store.Record{}, store.ErrNotFound
	}
	return rec, err
}

// TestHistory checks that the check of histories finds what it is for.
func TestHistory(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		open   func(*memory.Store) store.Store
		breaks bool
	}{
		"memory":    {open: func(s *memory.Store) store.Store { return s }},
		"last wins": {open: func(s *memory.Store) store.Store { return lastWins{s} }, breaks: true},
		"stale":     {open: func(s *memory.Store) store.Store { return stale{s, new(sync.Map)} }, breaks: true},
		"ashamed":   {open: func(s *memory.Store) store.Store { return ashamed{s} }, breaks: true},
		"hasty":     {open: func(s *memory.Store) store.Store { return hasty{s} }, breaks: true},
		"forgetful": {open: func(s *memory.Store) store.Store { return forgetful{s} }, breaks: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := runHistory(t.Context(), tt.open(memory.New(memory.Config{})))
			if (err != nil) != tt.breaks {
				t.Errorf("error %v, want one: %v", err, tt.breaks)
			}
			if err != nil && !strings.Contains(err.Error(), "no order of these calls explains their answers") {
				t.Errorf("error %v", err)
			}
		})
	}
}
