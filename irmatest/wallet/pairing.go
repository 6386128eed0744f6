package wallet

import (
	"context"
	"fmt"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// pollInterval is how often the app asks whether pairing is completed.
const pollInterval = time.Second

// connect fetches the request, after pairing if the server requires that.
func (s *session) connect(ctx context.Context) error {
	var welcome irma.ClientSessionRequest
	err := s.server.do(ctx, exchange{step: StepConnect, method: "GET", path: "/"}, &welcome)
	if err != nil {
		return err
	}
	if lowest := (irma.Version{Major: 2, Minor: 8}); welcome.ProtocolVersion.Compare(lowest) < 0 {
		return fmt.Errorf("%w: protocol version %s", ErrUnsupported, welcome.ProtocolVersion)
	}
	s.request = welcome.Request
	if s.request == nil {
		if err := s.pair(ctx, welcome.Options); err != nil {
			return err
		}
	}
	s.outcome.Request = s.request
	return nil
}

// pair shows the pairing code, waits for the frontend and fetches the request.
func (s *session) pair(ctx context.Context, options irma.SessionOptions) error {
	if options.PairingCode == "" {
		return fmt.Errorf("%w: neither a request nor a pairing code", ErrBadAnswer)
	}
	s.wallet.cfg.ShowPairingCode(ctx, options.PairingCode)
	if err := s.awaitPairing(ctx); err != nil {
		return err
	}
	err := s.server.do(ctx, exchange{step: StepRequest, method: "GET", path: "/request"}, &s.request)
	if err == nil && s.request == nil {
		return fmt.Errorf("%w: no request", ErrBadAnswer)
	}
	return err
}

func (s *session) awaitPairing(ctx context.Context) error {
	for {
		var status irma.Status
		err := s.server.do(ctx, exchange{step: StepPairing, method: "GET", path: "/status"}, &status)
		if err != nil {
			return err
		}
		switch status {
		case irma.StatusConnected:
			return nil
		case irma.StatusPairing:
			pause(ctx, pollInterval)
		default:
			return fmt.Errorf("%w: session is %s", ErrPairingRejected, status)
		}
	}
}
