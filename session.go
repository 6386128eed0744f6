package irmaserver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/irma"
)

// StartSession starts a session and returns what the requestor and its frontend
// need: the session pointer to show to the user, the token for asking the
// result, and the frontend's authorization.
//
// The request is checked first, and not changed: fields that are the server's
// to set are set in a copy. An error about the request is an *irma.Error whose
// message says what is wrong with it. Give JSON through irma.ParseRequest.
func (s *Server) StartSession(ctx context.Context, request irma.Request) (*irma.SessionPackage, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer s.running.Done()
	extended, err := s.prepare(request.Extended())
	if err != nil {
		return nil, err
	}
	rec, err := s.newRecord(extended)
	if err != nil {
		return nil, err
	}
	token := clientToken(rec.token)
	if err := s.sessions.Create(ctx, string(token), s.stored(rec)); err != nil {
		return nil, storeError(err)
	}
	s.log.Info("session started", sessionField(token), zap.String("action", string(rec.action)))
	return &irma.SessionPackage{
		SessionPtr: s.pointer(token, rec),
		Token:      rec.token,
		FrontendRequest: irma.FrontendRequest{
			Authorization:      rec.frontend,
			PairingHint:        extended.PairingHint(),
			MinProtocolVersion: irma.Version{Major: 1, Minor: 0},
			MaxProtocolVersion: irma.Version{Major: 1, Minor: 1},
		},
	}, nil
}

// prepare returns a copy of the request, checked and completed.
func (s *Server) prepare(given *irma.ExtendedRequest) (*irma.ExtendedRequest, error) {
	if given == nil || given.Request == nil {
		return nil, irma.ErrInvalidRequest.With("the session request is empty")
	}
	extended, request := *given, *given.Request
	request.Credentials = slices.Clone(request.Credentials)
	extended.Request = &request
	if err := extended.Validate(); err != nil {
		return nil, err
	}
	if err := s.supported(&extended); err != nil {
		return nil, err
	}
	if err := checkHost(request.Host); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	if err := s.cfg.Schemes.CheckRequest(&request, now); err != nil {
		return nil, err
	}
	if err := s.cfg.Schemes.CompleteIssuance(&request, now); err != nil {
		return nil, err
	}
	request.Context, request.Nonce = irma.NewInt(1), newNonce()
	request.ProtocolVersion = nil
	request.DevMode = !s.cfg.Production
	return &extended, nil
}

// supported refuses what this server does not do, rather than ignoring it.
func (s *Server) supported(extended *irma.ExtendedRequest) error {
	switch {
	case extended.NextSession != nil && extended.NextSession.URL == "":
		return irma.ErrInvalidRequest.With("nextSession provided with empty URL")
	case extended.CallbackURL != "":
		return irma.ErrUnsupported.With("callbackUrl provided but this server does not deliver results to callbacks")
	case extended.NextSession != nil:
		return irma.ErrUnsupported.With("nextSession provided but this server does not chain sessions")
	case extended.Request.Action() == irma.Signing:
		return irma.ErrUnsupported.With("this server does not do attribute-based signatures")
	case extended.Request.AugmentReturnURL:
		return irma.ErrInvalidRequest.With("augmenting client return url not enabled in server configuration")
	}
	return nil
}

func (s *Server) newRecord(extended *irma.ExtendedRequest) (*record, error) {
	encoded, err := json.Marshal(extended)
	if err != nil {
		return nil, fmt.Errorf("encoding session request: %w", err)
	}
	rec := &record{
		token:    irma.RequestorToken(newToken()),
		frontend: irma.FrontendAuthorization(newToken()),
		action:   extended.Request.Action(),
		status:   irma.StatusInitialized,
		passed:   1 << statusCode(irma.StatusInitialized),
		active:   s.cfg.Now(),
		patience: s.cfg.SessionLifetime,
		lifetime: s.cfg.SessionLifetime,
		host:     extended.Request.Host,
		request:  encoded,
	}
	if extended.Timeout > 0 {
		rec.patience = time.Duration(extended.Timeout) * time.Second
	}
	return rec, nil
}

// pointer returns the session pointer of a session.
func (s *Server) pointer(token irma.ClientToken, rec *record) irma.SessionPointer {
	base := s.cfg.URL
	if rec.host != "" && base != "" {
		if u, err := url.Parse(base); err == nil {
			u.Host = rec.host
			base = u.String()
		}
	}
	return irma.SessionPointer{URL: base + "session/" + string(token), Action: rec.action}
}

// CancelSession ends the session with status CANCELLED. Cancelling a finished
// session does nothing; an unknown one gives irma.ErrSessionUnknown.
func (s *Server) CancelSession(ctx context.Context, token irma.RequestorToken) error {
	return s.update(ctx, clientToken(token), s.cancelled)
}

func (s *Server) cancelled(rec *record) error {
	rec.enter(irma.StatusCancelled, s.cfg.Now())
	return nil
}
