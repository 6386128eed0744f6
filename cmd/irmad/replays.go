package main

import (
	"context"
	"errors"
	"time"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/store"
)

// replays remembers used JWTs with the sessions: where these outlive a process or
// are shared between several, so is that. Each takes one round trip.
type replays struct{ store store.Store }

// replayPrefix comes before the keys of used JWTs. Those of sessions are letters
// and digits only, so no token leads to one of these; and as they are never due,
// they are not handed out as sessions either.
const replayPrefix = "jti:"

// newReplays returns what remembers used JWTs, once it is told where. It is nil if
// sessions are in memory, where used JWTs are then too.
func newReplays(s *config.Settings) *replays {
	if s.StoreType == "" || s.StoreType == "memory" {
		return nil
	}
	return new(replays)
}

// keepIn tells where to remember them. It is called before anything is served.
func (r *replays) keepIn(sessions store.Store) { r.store = sessions }

// Use implements auth.Replays.
func (r *replays) Use(ctx context.Context, id string, until time.Time) (first bool, err error) {
	err = r.store.Create(ctx, replayPrefix+id, store.Record{Expires: until})
	if errors.Is(err, store.ErrExists) {
		return false, nil
	}
	return err == nil, err
}
