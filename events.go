package irmaserver

import (
	"context"
	"io"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// stream gives the statuses of a session one by one, for event streams.
type stream struct {
	server  *Server
	token   irma.ClientToken
	rec     *record
	pending []irma.Status
}

// newStream returns a stream that begins with the session's present status.
func (s *Server) newStream(token irma.ClientToken, rec *record) (transport.Stream, error) {
	if s.ctx.Err() != nil {
		return nil, irma.ErrUnavailable
	}
	if rec.status.Finished() {
		return nil, irma.ErrUnexpectedRequest.With("Can't subscribe to server sent events of finished session")
	}
	return &stream{server: s, token: token, rec: rec, pending: []irma.Status{rec.status}}, nil
}

// Next implements transport.Stream.
func (e *stream) Next(ctx context.Context) (*irma.FrontendStatus, error) {
	for len(e.pending) == 0 {
		if e.rec.status.Finished() {
			return nil, io.EOF
		}
		next, err := e.wait(ctx)
		if err != nil {
			return nil, err
		}
		e.pending = next.after(e.rec.status)
		e.rec = next
	}
	status := e.pending[0]
	e.pending = e.pending[1:]
	return e.rec.frontendStatus(status)
}

func (e *stream) wait(ctx context.Context) (*record, error) {
	ctx, cancel := e.server.within(ctx)
	defer cancel()
	return e.server.await(ctx, e.token, e.rec)
}

// Events implements transport.Wallet.
func (w walletAPI) Events(ctx context.Context, call transport.Call) (transport.Stream, error) {
	rec, err := w.find(ctx, call)
	if err != nil {
		return nil, err
	}
	return w.newStream(call.Token, rec)
}

// Events implements transport.Frontend. Without authorization it gives what
// wallets get: browsers cannot send one with an event stream.
func (f frontendAPI) Events(ctx context.Context, call transport.Call) (transport.Stream, error) {
	rec, err := f.find(ctx, call)
	if err != nil {
		return nil, err
	}
	if call.Authorization != "" {
		if err := rec.checkFrontend(call); err != nil {
			return nil, err
		}
	}
	return f.newStream(call.Token, rec)
}

// Events implements transport.Sessions.
func (q requestorAPI) Events(ctx context.Context, token irma.RequestorToken) (transport.Stream, error) {
	rec, err := q.load(ctx, clientToken(token))
	if err != nil {
		return nil, err
	}
	return q.newStream(clientToken(token), rec)
}
