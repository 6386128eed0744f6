package irmaserver

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
)

const (
	// claimGrace is how much longer than its result a session is stored, so
	// that a late timeout still finds it.
	claimGrace = time.Minute

	// storeRetry is after how long a store that could not be asked may be back.
	storeRetry = 2 * time.Second

	// deadlineBatch is how many overdue sessions are asked of the store at once.
	deadlineBatch = 256

	// attendedAtOnce is how many of these are attended to at a time: a store
	// that takes long for one write takes as long for many, and requests still
	// find it free.
	attendedAtOnce = 32
)

// load returns the session as of now: an overdue one as TIMEOUT, with changed
// set since that is not stored yet.
func (s *Server) load(ctx context.Context, token irma.ClientToken) (*record, error) {
	stored, err := s.sessions.Load(ctx, string(token))
	if err != nil {
		return nil, storeError(err)
	}
	return s.decode(stored)
}

// decode decodes a record for somebody outside. A session whose result is no
// longer offered is unknown, even if it is still kept for posting that result.
func (s *Server) decode(stored store.Record) (*record, error) {
	rec, err := s.decodeAny(stored)
	if err != nil {
		return nil, err
	}
	if rec.status.Finished() && !s.cfg.Now().Before(s.forget(rec)) {
		return nil, irma.ErrSessionUnknown
	}
	return rec, nil
}

// decodeAny is decode for the engine's own work on old sessions.
func (s *Server) decodeAny(stored store.Record) (*record, error) {
	rec, err := decodeRecord(stored.Data)
	if err != nil {
		return nil, err
	}
	rec.from, rec.revision, rec.before, rec.since = stored, stored.Revision, rec.status, rec.active
	rec.expire(s.cfg.Now())
	return rec, nil
}

// encode returns the record with the times at which the store must call for
// attention and forget it.
func (s *Server) encode(rec *record) store.Record {
	out := store.Record{Data: rec.encode(), Revision: rec.revision, Due: rec.deadline()}
	if !out.Due.IsZero() {
		out.Expires = out.Due.Add(s.cfg.ResultLifetime + claimGrace)
		if rec.callback {
			out.Expires = out.Expires.Add(outage)
		}
		return out
	}
	out.Due = rec.wake
	out.Expires = s.forget(rec)
	if keep := rec.wake.Add(outage); keep.After(out.Expires) {
		out.Expires = keep
	}
	return out
}

// forget returns until when a finished session is known. One with a follow-up is
// kept longer: pages ask for the result of the first session of a chain when the
// last one is over.
func (s *Server) forget(rec *record) time.Time {
	until := rec.active.Add(s.cfg.ResultLifetime)
	if rec.next != nil {
		until = until.Add(s.cfg.SessionLifetime)
	}
	return until
}

// update loads the session, lets decide change it, and stores it if changed.
// When another request was quicker, everything is done again from the newer
// record, so decide must have no other effect than on the record and on
// variables that it sets anew each time. What decide returns is returned; its
// changes are stored also when that is an error.
func (s *Server) update(ctx context.Context, token irma.ClientToken, decide func(*record) error) error {
	return s.updateFrom(ctx, token, nil, decide)
}

// updateFrom is update for who has loaded the session a moment ago, which saves
// loading it: if it has changed since, storing fails and all is done again from
// the newer record. decide must want a change of the record that is known.
func (s *Server) updateFrom(ctx context.Context, token irma.ClientToken, known *record, decide func(*record) error) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.running.Done()
	return s.change(ctx, token, known, s.decode, decide)
}

// change is updateFrom for the engine's own work, also while the server closes.
// Without a known record it begins with loading it.
func (s *Server) change(ctx context.Context, token irma.ClientToken, known *record, decode func(store.Record) (*record, error), decide func(*record) error) error {
	for ; ; known = nil {
		stored, err := s.stored(ctx, token, known)
		if err != nil {
			return storeError(err)
		}
		rec, err := decode(stored)
		if err != nil {
			return err
		}
		result := decide(rec)
		if !rec.changed {
			return result
		}
		swapped := s.encode(rec)
		err = s.sessions.Swap(ctx, string(token), swapped)
		switch {
		case err == nil:
			swapped.Revision++
			rec.from = swapped
			s.tell(ctx, token, rec)
			return result
		case !errors.Is(err, store.ErrConflict):
			return storeError(err)
		}
	}
}

// stored returns the session as it is stored, or as it is known to have been.
func (s *Server) stored(ctx context.Context, token irma.ClientToken, known *record) (store.Record, error) {
	if known != nil {
		return known.from, nil
	}
	return s.sessions.Load(ctx, string(token))
}

// tell announces a change that has been stored.
func (s *Server) tell(ctx context.Context, token irma.ClientToken, rec *record) {
	if rec.status == rec.before {
		return
	}
	event := SessionEvent{
		Session:   sessionName(token),
		Action:    rec.action,
		Requestor: rec.requestor,
		Before:    rec.before,
		Status:    rec.status,
		Phase:     max(0, s.cfg.Now().Sub(rec.since)),
	}
	fields := []zap.Field{sessionField(token), zap.String("status", string(rec.status))}
	if rec.ended != nil {
		event.ProofStatus = rec.ended.ProofStatus
		if failed := rec.ended.Err; failed != nil {
			event.Error = failed.Name
			fields = append(fields, zap.String("error", string(failed.Name)), zap.String("message", failed.Message))
		}
	}
	s.log.Info("session updated", fields...)
	s.cfg.Observer.Session(ctx, event)
	if rec.status.Finished() && !rec.wake.IsZero() {
		rec.delivered = s.outbox.add(delivery{token: token, leased: true})
	}
}

// watchDeadlines attends to sessions that are overdue, or whose result has to be
// posted again, until the server closes.
func (s *Server) watchDeadlines() {
	for s.ctx.Err() == nil { // as a timer that is due too could be chosen below
		timer := time.NewTimer(s.handleDue())
		select {
		case <-s.ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// handleDue handles the sessions that the store calls for and returns how long
// to wait before the next look.
func (s *Server) handleDue() time.Duration {
	var now, next time.Time
	var tokens []string
	err := caught.Do(func() (err error) {
		now = s.cfg.Now()
		tokens, next, err = s.sessions.Due(s.ctx, now, deadlineBatch)
		return err
	})
	if err != nil {
		if s.ctx.Err() == nil {
			s.log.Warn("looking for overdue sessions failed", zap.Error(err))
		}
		return store.Tick
	}
	s.attendAll(tokens)
	return next.Sub(now)
}

// attendAll attends to some sessions, of which none is there twice. It leaves none
// out when the server closes meanwhile: they are claimed, and another server would
// wait for the end of the claim.
func (s *Server) attendAll(tokens []string) {
	left := make(chan string, len(tokens))
	for _, token := range tokens {
		left <- token
	}
	close(left)
	var workers sync.WaitGroup
	for range min(len(tokens), attendedAtOnce) {
		workers.Go(func() {
			for token := range left {
				s.attend(irma.ClientToken(token))
			}
		})
	}
	workers.Wait()
}

// attend stores the timeout of an overdue session, or takes up a delivery whose
// time has come.
func (s *Server) attend(token irma.ClientToken) {
	pending := false
	err := caught.Do(func() error {
		return s.change(s.ctx, token, nil, s.decodeAny, func(rec *record) error { // decoding applies the timeout
			pending = !rec.changed && rec.status.Finished() && !rec.wake.IsZero()
			return nil
		})
	})
	switch {
	case err == nil && pending:
		s.outbox.add(delivery{token: token})
	case err != nil && !errors.Is(err, irma.ErrSessionUnknown) && s.ctx.Err() == nil:
		s.log.Warn("attending to a session failed", sessionField(token), zap.Error(err))
	}
}

// sessionField identifies a session in logs without giving access to it.
func sessionField(token irma.ClientToken) zap.Field {
	return zap.String("session", sessionName(token))
}

// sessionName is what a session is called where its tokens must not appear.
func sessionName(token irma.ClientToken) string {
	digest := digest("log", string(token))
	return hex.EncodeToString(digest[:6])
}

// storeError turns a store's error into what a caller should see. One that is
// not about the record means that the store could not be asked; a write may have
// happened all the same. The cause is for logs.
func storeError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return irma.ErrSessionUnknown
	}
	unreachable := irma.ErrUnavailable.With("the sessions cannot be reached at the moment, try again")
	unreachable.Retry = storeRetry
	return fmt.Errorf("session store: %w: %w", unreachable, err)
}
