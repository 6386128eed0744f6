package irmaserver

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/callback"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// StartSession starts a session and returns what the requestor and its frontend
// need: the session pointer to show to the user, the token for asking the
// result, and the frontend's authorization.
//
// The request is checked first, and not changed: fields that are the server's
// to set are set in a copy. An error about the request is an *irma.Error whose
// message says what is wrong with it. Give JSON through irma.ParseRequest.
func (s *Server) StartSession(ctx context.Context, request irma.Request) (*irma.SessionPackage, error) {
	return s.StartSessionFor(ctx, "", request)
}

// StartSessionFor is StartSession for a requestor of this name, which
// Config.AuthorizeNext is asked about when the session has a follow-up.
func (s *Server) StartSessionFor(ctx context.Context, requestor string, request irma.Request) (*irma.SessionPackage, error) {
	if !hasRequest(request) {
		return nil, irma.ErrInvalidRequest.With("the session request is empty")
	}
	rec := &record{requestor: requestor, frontend: irma.FrontendAuthorization(newToken())}
	return s.start(ctx, rec, request.Extended(), nil)
}

// start completes a record and its request, and starts the session.
func (s *Server) start(ctx context.Context, rec *record, request *irma.ExtendedRequest, implicit irma.ConDisCon) (*irma.SessionPackage, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	defer s.running.Done()
	rec.token = irma.RequestorToken(newToken())
	set, edition := s.schemes.begin(s.longest(request))
	rec.edition = edition
	extended, err := s.prepare(set, request, rec.token)
	if err != nil {
		return nil, err
	}
	if err := s.complete(rec, &storedRequest{ExtendedRequest: *extended, Implicit: implicit}); err != nil {
		return nil, err
	}
	token := clientToken(rec.token)
	if err := s.sessions.Create(ctx, string(token), s.encode(rec)); err != nil {
		return nil, storeError(err)
	}
	s.log.Info("session started", sessionField(token), zap.String("action", string(rec.action)), zap.String("requestor", rec.requestor))
	s.warnUnencrypted(token, extended)
	s.cfg.Observer.Session(ctx, SessionEvent{
		Session: sessionName(token), Action: rec.action, Requestor: rec.requestor, Status: rec.status, Longest: s.longest(extended),
	})
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
func (s *Server) prepare(set *scheme.Set, given *irma.ExtendedRequest, token irma.RequestorToken) (*irma.ExtendedRequest, error) {
	extended, request := *given, *given.Request
	request.Credentials = slices.Clone(request.Credentials)
	extended.Request = &request
	if err := extended.Validate(); err != nil {
		return nil, err
	}
	if err := s.cfg.supported(&extended); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	if err := set.CheckRequest(&request, now); err != nil {
		s.schemes.refresh(set.Outdated(&request))
		return nil, err
	}
	if err := set.CompleteIssuance(&request, now); err != nil {
		return nil, err
	}
	request.Context, request.Nonce = irma.NewInt(1), newNonce()
	request.ProtocolVersion = nil
	request.DevMode = !s.cfg.Production
	if request.AugmentReturnURL {
		request.ClientReturnURL = augment(request.ClientReturnURL, token)
	}
	return &extended, nil
}

// supported refuses what this server is not configured for, rather than
// ignoring it.
func (c Config) supported(extended *irma.ExtendedRequest) error {
	const unsigned = " provided but no JWT private key is installed: either install JWT or enable allow_unsigned_callbacks in configuration"
	signed := c.JWTKey != nil || c.AllowUnsignedCallbacks
	request := extended.Request
	switch {
	case extended.NextSession != nil && extended.NextSession.URL == "":
		return irma.ErrInvalidRequest.With("nextSession provided with empty URL")
	case extended.CallbackURL != "" && !signed:
		return irma.ErrUnsupported.With("callbackUrl" + unsigned)
	case extended.NextSession != nil && !signed:
		return irma.ErrUnsupported.With("nextSession" + unsigned)
	case request.AugmentReturnURL && !c.AugmentClientReturnURL:
		return irma.ErrInvalidRequest.With("augmenting client return url not enabled in server configuration")
	case request.AugmentReturnURL && request.ClientReturnURL == "":
		return irma.ErrInvalidRequest.With("cannot augment empty client return url")
	}
	if extended.NextSession != nil {
		if err := checkTarget("nextSession.url", extended.NextSession.URL); err != nil {
			return err
		}
	}
	return checkTarget("callbackUrl", extended.CallbackURL)
}

// maxTargetHost is longer than a host name and a port can be. Hosts that were posted
// to are remembered, thousands of them.
const maxTargetHost = 300

// checkTarget refuses a URL that cannot be posted to.
func checkTarget(field, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || len(u.Host) > maxTargetHost || u.Scheme != "http" && u.Scheme != "https" {
		return irma.ErrInvalidRequest.Withf("%s is not a URL like https://example.com/path", field)
	}
	return nil
}

// warnUnencrypted tells the operator of a server for the public that a session's
// result will travel readable for others (spec 03 §10).
func (s *Server) warnUnencrypted(token irma.ClientToken, extended *irma.ExtendedRequest) {
	if !s.cfg.Production {
		return
	}
	targets := map[string]string{"callbackUrl": extended.CallbackURL}
	if extended.NextSession != nil {
		targets["nextSession"] = extended.NextSession.URL
	}
	for field, target := range targets {
		if u, err := url.Parse(target); err == nil && u.Scheme == "http" {
			s.log.Warn("result will be posted without TLS",
				sessionField(token), zap.String("field", field), zap.String("receiver", callback.Redact(target)))
		}
	}
}

// augment puts the requestor token into the query of a URL.
func augment(text string, token irma.RequestorToken) string {
	text, fragment, found := strings.Cut(text, "#")
	separator := "?"
	if strings.Contains(text, "?") {
		separator = "&"
	}
	text += separator + "token=" + string(token)
	if found {
		text += "#" + fragment
	}
	return text
}

// complete fills in the record of a session that starts now.
func (s *Server) complete(rec *record, stored *storedRequest) error {
	encoded, err := stored.MarshalJSON() // as json.Marshal, which would read it once more
	if err != nil {
		return fmt.Errorf("encoding session request: %w", err)
	}
	rec.action = stored.Request.Action()
	rec.status = irma.StatusInitialized
	rec.passed = 1 << statusCode(irma.StatusInitialized)
	rec.active = s.cfg.Now()
	rec.patience, rec.lifetime = s.patience(&stored.ExtendedRequest), s.cfg.SessionLifetime
	rec.host = stored.Request.Host
	rec.legacy = stored.Request.Legacy() && !s.cfg.NestedLegacyResults
	rec.callback = stored.CallbackURL != ""
	rec.request = encoded
	return nil
}

// patience returns how long the session waits for a wallet.
func (s *Server) patience(request *irma.ExtendedRequest) time.Duration {
	if request.Timeout > 0 {
		return time.Duration(request.Timeout) * time.Second
	}
	return s.cfg.SessionLifetime
}

// longest returns how long the session can last: waiting for a wallet, and then
// for its answer.
func (s *Server) longest(request *irma.ExtendedRequest) time.Duration {
	return s.patience(request) + s.cfg.SessionLifetime
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
// session does nothing, except that a follow-up session that it led to is
// cancelled. An unknown one gives irma.ErrSessionUnknown.
func (s *Server) CancelSession(ctx context.Context, token irma.RequestorToken) error {
	return s.cancelSession(ctx, clientToken(token), func(*record) error { return nil })
}

// cancelSession cancels a session that allowed does not object to. A user who
// leaves the page cancels the session that the page began with, so the last one
// of its chain is the one that is meant.
func (s *Server) cancelSession(ctx context.Context, token irma.ClientToken, allowed func(*record) error) error {
	for range maxChain {
		var next *followUp
		err := s.update(ctx, token, func(rec *record) error {
			next = nil
			if err := allowed(rec); err != nil {
				return err
			}
			if rec.enter(irma.StatusCancelled, s.cfg.Now()) {
				return nil
			}
			var err error
			next, err = rec.followUp()
			return err
		})
		if err != nil || next == nil {
			return err
		}
		token = clientToken(next.Token)
		allowed = func(*record) error { return nil }
	}
	return nil
}
