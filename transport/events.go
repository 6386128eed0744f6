package transport

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/irmad/irmaserver/irma"
)

const (
	// heartbeat is how often an idle stream gets a comment, which keeps proxies
	// from closing it and tells us of readers that are gone.
	heartbeat = 20 * time.Second

	// writePatience is how long a reader may take to accept an event before
	// its stream is given up.
	writePatience = 30 * time.Second
)

// eventStream is the type of event streams. Wallets refuse it with a charset.
const eventStream = "text/event-stream"

// Stream gives the statuses of a session, beginning with the present one.
type Stream interface {
	// Next waits for the next status. It returns io.EOF after the final one,
	// and the error of ctx if that ends first; then it can be called again.
	Next(ctx context.Context) (*irma.FrontendStatus, error)
}

// event returns what a reader gets for a status, or nil for nothing, and
// whether the stream ends here. first says that it is the status that the
// session had when the stream began.
type event func(status *irma.FrontendStatus, first bool) (data any, end bool)

// clientEvent gives wallets the bare status. They take any first status but
// CONNECTED as a rejection (spec 04 §4.3).
func clientEvent(status *irma.FrontendStatus, first bool) (any, bool) {
	if first && status.Status != irma.StatusConnected {
		return nil, false
	}
	return status.Status, status.Status.Finished()
}

// requestorEvent gives requestors the bare status. Nobody expects INITIALIZED.
func requestorEvent(status *irma.FrontendStatus, first bool) (any, bool) {
	if first && status.Status == irma.StatusInitialized {
		return nil, false
	}
	return status.Status, status.Status.Finished()
}

// frontendEvent gives frontends the status with what belongs to it.
func frontendEvent(status *irma.FrontendStatus, first bool) (any, bool) {
	if first && status.Status == irma.StatusInitialized {
		return nil, false
	}
	return status, status.Status.Finished()
}

// anonymousEvent is for frontends that send no authorization: browsers cannot
// with an event stream. They learn the status, which anybody with the client
// token can ask for, and nothing else. Where there is more to learn the stream
// ends instead, upon which frontends ask with their authorization.
func anonymousEvent(status *irma.FrontendStatus, first bool) (any, bool) {
	if status.NextSession != nil {
		return nil, true
	}
	return frontendEvent(status, first)
}

// serveEvents sends the statuses of a stream as server-sent events until the
// session is finished or the reader gone. If it can, it returns before that.
func (m *mux) serveEvents(w http.ResponseWriter, r *http.Request, stream Stream, convert event) error {
	if !canFlush(w) {
		return irma.ErrSSEDisabled.With("cannot stream: the http.ResponseWriter of the middleware before this handler has neither Flush nor Unwrap")
	}
	out := newEventWriter(w)
	if !out.begin(w) {
		return nil
	}
	if !Detach(w, func(ctx context.Context, conn net.Conn) { m.serveDetached(ctx, conn, stream, convert) }) {
		out.serve(r.Context(), stream, convert)
	}
	return nil
}

// canFlush reports whether http.ResponseController can flush w. Otherwise events
// would not arrive before the session ends.
func canFlush(w http.ResponseWriter) bool {
	for {
		switch wrapped := w.(type) {
		case http.Flusher, interface{ FlushError() error }:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = wrapped.Unwrap()
		default:
			return false
		}
	}
}

// eventWriter writes server-sent events.
type eventWriter struct {
	write    func(text string) error // so that it arrives at once
	deadline func(time.Time) error   // of what is written next
	gone     func() bool             // whether the reader is, if ctx does not tell
}

// newEventWriter writes the body of an answer.
func newEventWriter(w http.ResponseWriter) eventWriter {
	control := http.NewResponseController(w)
	write := func(text string) error {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		return control.Flush()
	}
	return eventWriter{write: write, deadline: control.SetWriteDeadline, gone: func() bool { return false }}
}

// begin sends the head at once, since frontends wait for it for 2 s only. It
// reports whether the reader is still there.
func (e eventWriter) begin(w http.ResponseWriter) bool {
	header := w.Header()
	header.Set("Content-Type", eventStream)
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no") // asks proxies not to hold events back
	w.WriteHeader(http.StatusOK)
	return e.send("event: open\n\n")
}

// serve sends what follows the head. It reports whether the reader has got it all:
// a stream that ends early makes readers ask anew.
func (e eventWriter) serve(ctx context.Context, stream Stream, convert event) bool {
	for first := true; ; first = false {
		status, err := e.next(ctx, stream)
		if err != nil {
			return !errors.Is(err, errGone)
		}
		data, end := convert(status, first)
		if data != nil && !e.data(data) {
			return false
		}
		if end {
			return true
		}
	}
}

// errGone says that a reader does not take what is written.
var errGone = errors.New("reader is gone")

// next waits for a status and keeps the stream alive meanwhile.
func (e eventWriter) next(ctx context.Context, stream Stream) (*irma.FrontendStatus, error) {
	for {
		wait, cancel := context.WithTimeout(ctx, heartbeat)
		status, err := stream.Next(wait)
		idle := err != nil && ctx.Err() == nil && errors.Is(wait.Err(), context.DeadlineExceeded)
		cancel()
		if !idle {
			return status, err
		}
		if e.gone() || !e.send(": ping\n\n") {
			return nil, errGone
		}
	}
}

func (e eventWriter) data(value any) bool {
	encoded, err := json.Marshal(value)
	return err == nil && e.send("data: "+string(encoded)+"\n\n")
}

// send reports whether the reader is still there.
func (e eventWriter) send(text string) bool {
	_ = e.deadline(time.Now().Add(writePatience))
	return e.write(text) == nil
}
