package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// token is that of the one session of these tests.
const token = "abcdefghijklmnopqrst"

// script is a stream that gives a status at once and one more every 50 s, and
// then an error.
type script struct {
	statuses []irma.FrontendStatus
	end      error
	next     time.Time
}

func (s *script) Next(ctx context.Context) (*irma.FrontendStatus, error) {
	select {
	case <-time.After(time.Until(s.next)):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.next = time.Now().Add(50 * time.Second)
	if len(s.statuses) == 0 {
		return nil, s.end
	}
	out := s.statuses[0]
	s.statuses = s.statuses[1:]
	return &out, nil
}

// engine gives everybody the same stream, and can do nothing else.
type engine struct {
	stream transport.Stream
	err    error
}

type wallets struct {
	transport.Wallet
	engine
}

func (w wallets) Events(context.Context, transport.Call) (transport.Stream, error) {
	return w.stream, w.err
}

type frontends struct {
	transport.Frontend
	engine
}

func (f frontends) Events(context.Context, transport.Call) (transport.Stream, error) {
	return f.stream, f.err
}

type sessions struct {
	transport.Sessions
	engine
}

// signed signs nothing.
type signed struct{ transport.Signed }

func (s sessions) Events(context.Context, irma.RequestorToken) (transport.Stream, error) {
	return s.stream, s.err
}

// channel is one of the ways to follow a session.
type channel struct {
	name          string
	path          string
	authorization string
	handler       func(engine) http.Handler
}

func client(e engine) http.Handler {
	return transport.NewClient(transport.ClientConfig{Wallet: wallets{engine: e}, Frontend: frontends{engine: e}})
}

func requestor(e engine) http.Handler {
	return transport.NewRequestor(transport.RequestorConfig{Sessions: sessions{engine: e}, Signed: signed{}})
}

var channels = []channel{
	{"wallet", "/session/" + token + "/statusevents", "", client},
	{"frontend", "/session/" + token + "/frontend/statusevents", "secret", client},
	{"anonymous", "/session/" + token + "/frontend/statusevents", "", client},
	{"requestor", "/session/" + token + "/statusevents", "", requestor},
}

func (c channel) request(ctx context.Context) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, c.path, http.NoBody)
	if c.authorization != "" {
		r.Header.Set("Authorization", c.authorization)
	}
	return r
}

// TestFrames compares what each channel makes of a session's statuses, with the
// heartbeats between.
func TestFrames(t *testing.T) {
	t.Parallel()
	const idle = ": ping\n\n: ping\n\n"
	status := func(status irma.Status) irma.FrontendStatus { return irma.FrontendStatus{Status: status} }
	next := irma.FrontendStatus{Status: irma.StatusDone, NextSession: &irma.SessionPointer{URL: "https://example.com/irma/session/x", Action: irma.Signing}}
	const nextFrame = `data: {"status":"DONE","nextSession":{"u":"https://example.com/irma/session/x","irmaqr":"signing"}}` + "\n\n"
	bare := func(status irma.Status) string { return `data: "` + string(status) + "\"\n\n" }
	object := func(status irma.Status) string { return `data: {"status":"` + string(status) + "\"}\n\n" }
	tests := []struct {
		name     string
		statuses []irma.FrontendStatus
		want     map[string]string // by channel, after the first frame
	}{
		{"from the start", []irma.FrontendStatus{status(irma.StatusInitialized), status(irma.StatusPairing), status(irma.StatusConnected), status(irma.StatusDone)}, map[string]string{
			"wallet":    idle + bare("PAIRING") + idle + bare("CONNECTED") + idle + bare("DONE"),
			"requestor": idle + bare("PAIRING") + idle + bare("CONNECTED") + idle + bare("DONE"),
			"frontend":  idle + object("PAIRING") + idle + object("CONNECTED") + idle + object("DONE"),
			"anonymous": idle + object("PAIRING") + idle + object("CONNECTED") + idle + object("DONE"),
		}},
		{"from pairing", []irma.FrontendStatus{status(irma.StatusPairing), status(irma.StatusTimeout)}, map[string]string{
			"wallet":    idle + bare("TIMEOUT"),
			"requestor": bare("PAIRING") + idle + bare("TIMEOUT"),
			"frontend":  object("PAIRING") + idle + object("TIMEOUT"),
			"anonymous": object("PAIRING") + idle + object("TIMEOUT"),
		}},
		{"with a follow-up", []irma.FrontendStatus{status(irma.StatusConnected), next}, map[string]string{
			"wallet":    bare("CONNECTED") + idle + bare("DONE"),
			"requestor": bare("CONNECTED") + idle + bare("DONE"),
			"frontend":  object("CONNECTED") + idle + nextFrame,
			"anonymous": object("CONNECTED") + idle,
		}},
		{"after the final status", []irma.FrontendStatus{status(irma.StatusConnected), status(irma.StatusCancelled), status(irma.StatusDone)}, map[string]string{
			"wallet":    bare("CONNECTED") + idle + bare("CANCELLED"),
			"requestor": bare("CONNECTED") + idle + bare("CANCELLED"),
			"frontend":  object("CONNECTED") + idle + object("CANCELLED"),
			"anonymous": object("CONNECTED") + idle + object("CANCELLED"),
		}},
		{"a stream that fails", []irma.FrontendStatus{status(irma.StatusConnected)}, map[string]string{
			"wallet":    bare("CONNECTED") + idle,
			"requestor": bare("CONNECTED") + idle,
			"frontend":  object("CONNECTED") + idle,
			"anonymous": object("CONNECTED") + idle,
		}},
	}
	for _, test := range tests {
		for _, ch := range channels {
			for _, end := range []error{io.EOF, context.DeadlineExceeded, errors.New("store is down")} {
				t.Run(test.name+"/"+ch.name+"/"+end.Error(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := httptest.NewRecorder()
						stream := &script{statuses: slices.Clone(test.statuses), end: end}
						ch.handler(engine{stream: stream}).ServeHTTP(w, ch.request(t.Context()))
						if diff := cmp.Diff("event: open\n\n"+test.want[ch.name], w.Body.String()); diff != "" {
							t.Errorf("stream (-want +got):\n%s", diff)
						}
					})
				})
			}
		}
	}
}

// reader is a ResponseWriter whose reader leaves after some frames.
type reader struct {
	*httptest.ResponseRecorder
	frames   int // that are still accepted
	flushing bool
	deadline time.Time
}

func (r *reader) SetWriteDeadline(deadline time.Time) error {
	r.deadline = deadline
	return nil
}

func (r *reader) Write(frame []byte) (int, error) {
	if r.frames == 0 && !r.flushing {
		return 0, errors.New("connection reset")
	}
	return r.ResponseRecorder.Write(frame)
}

func (r *reader) FlushError() error {
	if r.frames == 0 {
		return errors.New("connection reset")
	}
	r.frames--
	return nil
}

// TestReaderGone checks that a stream ends with the first frame that cannot be
// written or flushed, and that every write has a deadline.
func TestReaderGone(t *testing.T) {
	t.Parallel()
	const beat = 20 * time.Second
	for _, ch := range channels {
		for frames, want := range []time.Duration{0, beat, 2 * beat, 3 * beat} {
			for _, flushing := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					begin := time.Now()
					w := &reader{ResponseRecorder: httptest.NewRecorder(), frames: frames, flushing: flushing}
					stream := &script{statuses: []irma.FrontendStatus{{Status: irma.StatusInitialized}}, next: begin.Add(time.Hour)}
					ch.handler(engine{stream: stream}).ServeHTTP(w, ch.request(t.Context()))
					if lasted := time.Since(begin); lasted != want {
						t.Errorf("%s, %d frames: stream ended after %v, want %v", ch.name, frames, lasted, want)
					}
					if left := time.Until(w.deadline); left != 30*time.Second {
						t.Errorf("%s, %d frames: the last write had %v, want 30s", ch.name, frames, left)
					}
				})
			}
		}
	}
}

// TestRequestEnds ends the request's context, as a server does when the reader
// leaves.
func TestRequestEnds(t *testing.T) {
	t.Parallel()
	for _, ch := range channels {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			begin := time.Now()
			w := httptest.NewRecorder()
			stream := &script{next: begin.Add(time.Hour)}
			ch.handler(engine{stream: stream}).ServeHTTP(w, ch.request(ctx))
			if got := w.Body.String(); time.Since(begin) != 25*time.Second || got != "event: open\n\n: ping\n\n" {
				t.Errorf("%s: ended after %v with %q", ch.name, time.Since(begin), got)
			}
		})
	}
}

// TestNoEvents checks that events are off for those who could have them; the
// others get the same error as ever.
func TestNoEvents(t *testing.T) {
	t.Parallel()
	off := func(e engine) []http.Handler {
		return []http.Handler{
			transport.NewClient(transport.ClientConfig{Wallet: wallets{engine: e}, Frontend: frontends{engine: e}, NoEvents: true}),
			transport.NewRequestor(transport.RequestorConfig{Sessions: sessions{engine: e}, Signed: signed{}, NoEvents: true}),
		}
	}
	for _, ch := range channels {
		for _, test := range []struct{ engine, want error }{{nil, irma.ErrSSEDisabled}, {irma.ErrSessionUnknown, irma.ErrSessionUnknown}, {irma.ErrSessionUnauthorized, irma.ErrSessionUnauthorized}} {
			for i, handler := range off(engine{stream: &script{}, err: test.engine}) {
				if (i == 1) != (ch.name == "requestor") {
					continue
				}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, ch.request(t.Context()))
				if want := irma.AsError(test.want); w.Code != want.Status {
					t.Errorf("%s: got %d %s, want %v", ch.name, w.Code, w.Body, want)
				}
			}
		}
	}
}
