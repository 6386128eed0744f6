package irmaserver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// replayWindow is how long a wallet that lost an answer may ask for it again.
// Wallets retry within 20 seconds.
const replayWindow = 30 * time.Second

// protocolVersion is the one version of the protocol that is spoken: older ones
// bind the session to no wallet and know no pairing.
var protocolVersion = irma.Version{Major: 2, Minor: 8}

// walletAPI is what wallets may do, for transport.
type walletAPI struct{ *Server }

// find loads the session of a call and checks the host that it is bound to.
func (s *Server) find(ctx context.Context, call transport.Call) (*record, error) {
	rec, err := s.load(ctx, call.Token)
	if err != nil {
		return nil, err
	}
	return rec, s.checkCall(rec, call)
}

func (s *Server) checkCall(rec *record, call transport.Call) error {
	if rec.host != "" && !s.sameHost(rec.host, call.Host) {
		return irma.ErrUnauthorized.With("Host mismatch")
	}
	return nil
}

// Status implements transport.Wallet.
func (w walletAPI) Status(ctx context.Context, call transport.Call) (irma.Status, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return "", err
	}
	return rec.status, nil
}

// Cancel implements transport.Wallet.
func (w walletAPI) Cancel(ctx context.Context, call transport.Call) error {
	return w.cancelSession(ctx, call.Token, func(rec *record) error { return w.checkCall(rec, call) })
}

// Connect implements transport.Wallet: it binds the session to the wallet and
// answers with the request or, when pairing is on, with the code that the
// wallet must show. A refused wallet leaves the session as it was, so that
// somebody who has only seen the QR cannot end it with a bad request. The bound
// wallet gets the same answer again if it lost it.
func (w walletAPI) Connect(ctx context.Context, call transport.Call, hello transport.Hello) (json.RawMessage, error) {
	var answer json.RawMessage
	err := w.update(ctx, call.Token, func(rec *record) error {
		if err := w.checkCall(rec, call); err != nil {
			return err
		}
		spoken, err := negotiate(hello)
		if err != nil {
			return err
		}
		if !w.connectedBefore(rec, call) {
			if err := w.bind(rec, call, spoken); err != nil {
				return err
			}
		}
		answer, err = rec.hello(protocolVersion)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// connectedBefore reports whether this wallet's first request is a repetition
// of the one that bound the session.
func (w walletAPI) connectedBefore(rec *record, call transport.Call) bool {
	bound := irma.StatusConnected
	if rec.pairingCode != "" {
		bound = irma.StatusPairing
	}
	return rec.status == bound && call.Authorization != "" && rec.boundTo(call) &&
		w.cfg.Now().Sub(rec.active) <= replayWindow
}

// bind connects the wallet to the session. spoken tells whether the protocol
// versions fit.
func (w walletAPI) bind(rec *record, call transport.Call, spoken bool) error {
	switch {
	case rec.status != irma.StatusInitialized:
		return irma.ErrUnexpectedRequest.With("Session already started")
	case !spoken:
		return irma.ErrProtocolVersion.Withf("this server speaks version %s", protocolVersion)
	case call.Authorization == "":
		return irma.ErrSessionUnauthorized.With("No authorization header provided")
	}
	rec.client = digest("client authorization", call.Authorization)
	if rec.pairingCode != "" {
		rec.enter(irma.StatusPairing, w.cfg.Now())
	} else {
		rec.enter(irma.StatusConnected, w.cfg.Now())
	}
	return nil
}

// negotiate reports whether the wallet speaks our protocol version. It is an
// error when the wallet does not say what it speaks.
func negotiate(hello transport.Hello) (bool, error) {
	lowest, err := parseVersion("X-IRMA-MinProtocolVersion", hello.MinVersion)
	if err != nil {
		return false, err
	}
	highest, err := parseVersion("X-IRMA-MaxProtocolVersion", hello.MaxVersion)
	if err != nil {
		return false, err
	}
	return lowest.Compare(protocolVersion) <= 0 && protocolVersion.Compare(highest) <= 0, nil
}

func parseVersion(header, value string) (irma.Version, error) {
	if value == "" {
		return irma.Version{}, irma.ErrMalformedInput.Withf("header %s is missing; it holds a protocol version such as %s", header, protocolVersion)
	}
	version, err := irma.ParseVersion(value)
	if err != nil {
		return irma.Version{}, irma.ErrMalformedInput.Withf("header %s: %v", header, err)
	}
	return version, nil
}

// hello returns the answer to the wallet's first request.
func (r *record) hello(version irma.Version) (json.RawMessage, error) {
	out := irma.ClientSessionRequest{
		LDContext:       irma.ContextClientRequest,
		ProtocolVersion: version,
		Options:         r.options(),
	}
	if r.status == irma.StatusConnected {
		request, err := r.clientRequest()
		if err != nil {
			return nil, err
		}
		out.Request = request
	}
	return out.MarshalJSON()
}

// clientRequest returns the session request as the wallet sees it.
func (r *record) clientRequest() (*irma.SessionRequest, error) {
	stored, err := r.stored()
	if err != nil {
		return nil, err
	}
	request := stored.Request
	request.ProtocolVersion = &protocolVersion
	for i := range request.Credentials {
		request.Credentials[i].RevocationKey = "" // between requestor and issuer
	}
	return request, nil
}

// Request implements transport.Wallet.
func (w walletAPI) Request(ctx context.Context, call transport.Call) (json.RawMessage, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return nil, err
	}
	if err := rec.admits(call); err != nil {
		return nil, err
	}
	request, err := rec.clientRequest()
	if err != nil {
		return nil, err
	}
	return request.MarshalJSON()
}

// boundTo reports whether the call comes from the wallet that the session is
// bound to.
func (r *record) boundTo(call transport.Call) bool {
	return sameDigest(r.client, digest("client authorization", call.Authorization))
}

// admits tells why the wallet may not act on the session (spec 03 §3.4), or
// returns nil.
func (r *record) admits(call transport.Call) error {
	switch {
	case r.status == irma.StatusPairing:
		return irma.ErrPairingRequired
	case r.status != irma.StatusConnected:
		return irma.ErrUnexpectedRequest.With("Session not yet started or already finished")
	case !r.boundTo(call):
		return irma.ErrSessionUnauthorized
	}
	return nil
}
