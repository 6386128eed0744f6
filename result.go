package irmaserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
)

// Status returns the status of the session. An unknown session, or one whose
// result is no longer kept, gives irma.ErrSessionUnknown.
func (s *Server) Status(ctx context.Context, token irma.RequestorToken) (irma.Status, error) {
	rec, err := s.load(ctx, clientToken(token))
	if err != nil {
		return "", err
	}
	return rec.status, nil
}

// Result returns what is known of the session: of an unfinished one token,
// status and type, of a finished one the outcome too. Look at ProofStatus
// before using disclosed attributes: a session is DONE also when the wallet's
// proof was not valid.
func (s *Server) Result(ctx context.Context, token irma.RequestorToken) (*irma.SessionResult, error) {
	rec, err := s.load(ctx, clientToken(token))
	if err != nil {
		return nil, err
	}
	return rec.outcome()
}

// Subscribe returns a channel that gets the statuses of the session, in order,
// from the current one on. It is closed after the final status, or earlier when
// ctx ends or the server closes. The channel has room for all statuses, so a
// subscriber may be slow; one that stops listening should end ctx.
func (s *Server) Subscribe(ctx context.Context, token irma.RequestorToken) (<-chan irma.Status, error) {
	key := clientToken(token)
	rec, err := s.load(ctx, key)
	if err != nil {
		return nil, err
	}
	out := make(chan irma.Status, len(statuses))
	out <- rec.status
	err = s.spawn(func() {
		defer close(out)
		ctx, cancel := s.within(ctx)
		defer cancel()
		if _, err := s.follow(ctx, key, rec, func(status irma.Status) { out <- status }); err != nil && ctx.Err() == nil {
			s.log.Warn("following a session failed", sessionField(key), zap.Error(err))
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// WaitResult returns the result of the session once it is finished. It waits
// until then or until ctx ends.
func (s *Server) WaitResult(ctx context.Context, token irma.RequestorToken) (*irma.SessionResult, error) {
	key := clientToken(token)
	rec, err := s.load(ctx, key)
	if err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer s.running.Done()
	ctx, cancel := s.within(ctx)
	defer cancel()
	if rec, err = s.follow(ctx, key, rec, func(irma.Status) {}); err != nil {
		return nil, err
	}
	return rec.outcome()
}

// within returns a context that ends with ctx, or when the server closes.
func (s *Server) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(irma.ErrUnavailable) })
	return ctx, func() { stop(); cancel(nil) }
}

// follow calls tell for every status that the session enters after rec, and
// returns it when it is finished. A status that came and went between two looks is
// told too.
func (s *Server) follow(ctx context.Context, key irma.ClientToken, rec *record, tell func(irma.Status)) (*record, error) {
	for !rec.status.Finished() {
		next, err := s.await(ctx, key, rec)
		if err != nil {
			return nil, err
		}
		for _, status := range next.after(rec.status) {
			tell(status)
		}
		rec = next
	}
	return rec, nil
}

// await returns the session once it differs from rec, or is overdue.
func (s *Server) await(ctx context.Context, key irma.ClientToken, rec *record) (*record, error) {
	patience := ctx
	left := rec.deadline().Sub(s.cfg.Now()) + time.Millisecond
	if end, ok := ctx.Deadline(); !ok || left < time.Until(end) { // a context is much of what an idle stream takes
		var cancel context.CancelFunc
		patience, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	stored, err := s.sessions.Watch(patience, string(key), rec.revision)
	switch {
	case err == nil:
		return s.decode(stored)
	case errors.Is(err, store.ErrNotFound):
		return nil, irma.ErrSessionUnknown
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case patience.Err() != nil:
		return s.load(ctx, key)
	}
	return nil, storeError(err)
}

// frontendStatus returns a status of this session as frontends see it.
func (r *record) frontendStatus(status irma.Status) (*irma.FrontendStatus, error) {
	out := &irma.FrontendStatus{Status: status}
	if status != irma.StatusDone {
		return out, nil
	}
	next, err := r.followUp()
	if err != nil {
		return nil, err
	}
	if next != nil {
		out.NextSession = &next.Pointer
	}
	return out, nil
}

// outcome returns the result as requestors see it.
func (r *record) outcome() (*irma.SessionResult, error) {
	result := new(irma.SessionResult)
	if r.result != nil {
		if err := json.Unmarshal(r.result, result); err != nil {
			return nil, fmt.Errorf("decoding stored session result: %w", err)
		}
	}
	result.Token, result.Status, result.Type = r.token, r.status, r.action
	return result, nil
}

// finish ends the session with this result.
func (r *record) finish(status irma.Status, result irma.SessionResult, now time.Time) error {
	result.Token, result.Status, result.Type = "", status, r.action
	encoded, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("encoding session result: %w", err)
	}
	if !r.enter(status, now) {
		return fmt.Errorf("session is %s, it cannot become %s", r.status, status)
	}
	r.result, r.ended = encoded, &result
	return nil
}
