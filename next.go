package irmaserver

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/callback"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/transport"
)

const (
	// maxChain bounds how far a chain of sessions is followed.
	maxChain = 100

	// takeUpLease is how long a repeated message waits for the one that is
	// being worked on before it takes over.
	takeUpLease = 2 * outgoingBudget
)

// followUp is the session that follows another one in a chain.
type followUp struct {
	Token   irma.RequestorToken `json:"token"`
	Pointer irma.SessionPointer `json:"pointer"`
}

// followUp returns the session after this one, or nil.
func (r *record) followUp() (*followUp, error) {
	if r.next == nil {
		return nil, nil
	}
	out := new(followUp)
	if err := json.Unmarshal(r.next, out); err != nil {
		return nil, fmt.Errorf("decoding stored follow-up: %w", err)
	}
	return out, nil
}

func (r *record) setFollowUp(next *followUp) error {
	encoded, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encoding follow-up: %w", err)
	}
	r.next = encoded
	return nil
}

// takeUp marks the session as being worked on, so that of several identical
// messages one asks the requestor for the follow-up. It reports false when
// another one is at it.
func (w walletAPI) takeUp(ctx context.Context, call transport.Call, key [sha256.Size]byte) (bool, error) {
	taken := false
	err := w.update(ctx, call.Token, func(rec *record) error {
		taken = false
		if err := rec.admits(call); err != nil {
			return err
		}
		now := w.cfg.Now()
		if now.Before(rec.busy) {
			return nil
		}
		rec.posted, rec.busy, rec.changed = key, now.Add(takeUpLease), true
		taken = true
		return nil
	})
	return taken, err
}

// awaitTwin waits until the message that is being worked on has ended the
// session, and returns its answer if this is the same message. problem is what
// kept this message from being worked on, if anything did.
func (w walletAPI) awaitTwin(ctx context.Context, call transport.Call, key [sha256.Size]byte, problem error) (json.RawMessage, error) {
	for {
		rec, err := w.find(ctx, call)
		if err != nil {
			return nil, err
		}
		if answer, done, err := w.replay(rec, key); done {
			return answer, err
		}
		if problem != nil {
			return nil, problem
		}
		if err := rec.admits(call); err != nil {
			return nil, err
		}
		_, err = w.sessions.Watch(ctx, string(call.Token), rec.revision)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, irma.ErrSessionUnknown
		case err != nil:
			return nil, irma.ErrUnavailable.With("the same message is being worked on")
		}
	}
}

// continueChain asks the requestor for the follow-up session and starts it. If
// that fails so does the session: the wallet is told no more than that, the
// requestor gets the reason with its result.
func (w walletAPI) continueChain(ctx context.Context, rec *record, stored *storedRequest, verdict *judgement) {
	next, err := w.startNext(ctx, rec, stored, verdict.result)
	if err != nil {
		w.log.Warn("starting follow-up session failed", sessionField(clientToken(rec.token)), zap.Error(err))
		verdict.failed = irma.ErrNextSession.With("the requestor's follow-up session could not be started")
		verdict.result.Err = irma.ErrNextSession.With(reason(err))
		verdict.result.Disclosed, verdict.result.Signature = nil, nil
		return
	}
	if next != nil {
		verdict.next = next
		verdict.answer.NextSession = &next.Pointer
	}
}

// reason returns what an error says in particular.
func reason(err error) string {
	if known := irma.AsError(err); known != nil && known.Message != "" {
		return known.Message
	}
	return err.Error()
}

// startNext returns nil when the requestor wants no follow-up.
func (w walletAPI) startNext(ctx context.Context, rec *record, stored *storedRequest, result irma.SessionResult) (*followUp, error) {
	request, err := w.fetchNext(ctx, rec, stored, result)
	if err != nil || request == nil {
		return nil, err
	}
	if w.cfg.AuthorizeNext == nil {
		return nil, errors.New("next session not authorized: this server allows no follow-up sessions")
	}
	if err := w.cfg.AuthorizeNext(ctx, rec.requestor, request.Request); err != nil {
		return nil, fmt.Errorf("next session not authorized: %s", reason(err))
	}
	next := &record{requestor: rec.requestor, frontend: rec.frontend}
	session, err := w.start(ctx, next, request, implicit(result.Disclosed))
	if err != nil {
		return nil, err
	}
	return &followUp{Token: session.Token, Pointer: session.SessionPtr}, nil
}

// abandon cancels a follow-up session that nobody will be told of, because its
// first session ended otherwise meanwhile.
func (w walletAPI) abandon(ctx context.Context, next *followUp) {
	if err := w.CancelSession(ctx, next.Token); err != nil {
		w.log.Warn("cancelling a follow-up session failed", sessionField(clientToken(next.Token)), zap.Error(err))
	}
}

// fetchNext posts the result so far and returns the request that comes back,
// nil if there is none.
func (w walletAPI) fetchNext(ctx context.Context, rec *record, stored *storedRequest, result irma.SessionResult) (*irma.ExtendedRequest, error) {
	body, contentType, err := w.signedOutcome(ctx, rec, stored, &result)
	if err != nil {
		return nil, err
	}
	answer, err := w.postPatiently(ctx, callback.Message{URL: stored.NextSession.URL, ContentType: contentType, Body: body})
	if err != nil {
		return nil, err
	}
	switch answer.Status {
	case http.StatusNoContent:
		return nil, nil
	case http.StatusOK:
		return irma.ParseRequest(answer.Body)
	}
	return nil, fmt.Errorf("the nextSession endpoint answered with status %d; 200 with a session request, or 204, is expected", answer.Status)
}

// postPatiently posts up to three times until there is an answer, even if it is
// not a good one.
func (w walletAPI) postPatiently(ctx context.Context, message callback.Message) (*callback.Answer, error) {
	for attempt := 1; ; attempt++ {
		answer, err := w.outbox.client.Ask(ctx, message)
		if err == nil || answer != nil || attempt == 3 || ctx.Err() != nil {
			return answer, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// implicit returns what the wallet must prove again in the follow-up session:
// each list of disclosed attributes, with the values that it disclosed.
func implicit(disclosed [][]*irma.DisclosedAttribute) irma.ConDisCon {
	out := make(irma.ConDisCon, 0, len(disclosed))
	for _, list := range disclosed {
		con := make(irma.Con, 0, len(list))
		for _, attribute := range list {
			con = append(con, irma.AttributeRequest{Type: attribute.Identifier, Value: attribute.RawValue})
		}
		out = append(out, irma.DisCon{con})
	}
	return out
}
