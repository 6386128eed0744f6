package irmaserver

import (
	"context"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// frontendAPI is what frontends may do, for transport.
type frontendAPI struct{ *Server }

// Authorize implements transport.Frontend.
func (f frontendAPI) Authorize(ctx context.Context, call transport.Call) error {
	rec, err := f.find(ctx, call)
	if err != nil {
		return err
	}
	return rec.checkFrontend(call)
}

func (r *record) checkFrontend(call transport.Call) error {
	if !sameSecret(string(r.frontend), call.Authorization) {
		return irma.ErrSessionUnauthorized
	}
	return nil
}

// authorized is update for a frontend's call.
func (f frontendAPI) authorized(ctx context.Context, call transport.Call, decide func(*record) error) error {
	return f.update(ctx, call.Token, func(rec *record) error {
		if err := f.checkCall(rec, call); err != nil {
			return err
		}
		if err := rec.checkFrontend(call); err != nil {
			return err
		}
		return decide(rec)
	})
}

// Status implements transport.Frontend.
func (f frontendAPI) Status(ctx context.Context, call transport.Call) (*irma.FrontendStatus, error) {
	rec, err := f.find(ctx, call)
	if err != nil {
		return nil, err
	}
	if err := rec.checkFrontend(call); err != nil {
		return nil, err
	}
	return rec.frontendStatus(rec.status)
}

// SetOptions implements transport.Frontend. Asking for a pin makes a new code
// each time (spec 04 §2.1).
func (f frontendAPI) SetOptions(ctx context.Context, call transport.Call, body []byte) (*irma.SessionOptions, error) {
	wish, malformed := irma.ParseFrontendOptions(body)
	var out irma.SessionOptions
	err := f.authorized(ctx, call, func(rec *record) error {
		if malformed != nil {
			return malformed
		}
		if rec.status != irma.StatusInitialized {
			return irma.ErrUnexpectedRequest.With("Frontend options can only be updated when session is in initialized state")
		}
		switch wish.PairingMethod {
		case "":
		case irma.PairingNone:
			rec.pairingCode, rec.changed = "", true
		case irma.PairingPin:
			rec.pairingCode, rec.changed = newPairingCode(), true
		default:
			return irma.ErrUnexpectedRequest.With("Pairing method unknown")
		}
		out = rec.options()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// CompletePairing implements transport.Frontend. The frontend has compared the
// codes: the server never sees what the user typed.
func (f frontendAPI) CompletePairing(ctx context.Context, call transport.Call) error {
	return f.authorized(ctx, call, func(rec *record) error {
		if rec.status != irma.StatusPairing {
			return irma.ErrUnexpectedRequest.With("Pairing was not enabled")
		}
		rec.enter(irma.StatusConnected, f.cfg.Now())
		return nil
	})
}

// options returns the session options as frontends and wallets see them.
func (r *record) options() irma.SessionOptions {
	out := irma.SessionOptions{LDContext: irma.ContextSessionOptions, PairingMethod: irma.PairingNone}
	if r.pairingCode != "" {
		out.PairingMethod, out.PairingCode = irma.PairingPin, r.pairingCode
	}
	return out
}
