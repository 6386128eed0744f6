package transport

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Detacher is an http.ResponseWriter whose connection an event stream can take
// over when its head has been written. The handler then returns, upon which
// net/http gives back the buffers and the stack that it has per request, and the
// stream goes on with little memory of its own.
//
// Streams.Wrap gives such writers. Middleware below it that wraps writers, and can
// do with its handler returning while the stream goes on, has a Detach that calls
// Detach of this package with the writer inside; behind other middleware streams
// stay in their handler.
type Detacher interface {
	// Detach runs an event stream after the handler has returned. It has the
	// connection for itself, and closes it. ctx ends when the stream must. A false
	// says that the connection cannot be taken over, and changes nothing.
	Detach(run func(ctx context.Context, conn net.Conn)) bool
}

// Detach is w.Detach, or false if w is no Detacher.
func Detach(w http.ResponseWriter, run func(ctx context.Context, conn net.Conn)) bool {
	detacher, ok := w.(Detacher)
	return ok && detacher.Detach(run)
}

// Streams has the event streams of a server, to end them when the server stops, and
// lets them go on after their handlers have returned. http.Server.Shutdown does not
// wait for those; Close does. Make one with NewStreams.
type Streams struct {
	ctx context.Context // streams end with it
	end context.CancelFunc

	mu      sync.Mutex // guards closed, and running.Add against Wait
	closed  bool
	running sync.WaitGroup // those without a handler
}

// NewStreams returns a Streams without streams.
func NewStreams() *Streams {
	s := new(Streams)
	s.ctx, s.end = context.WithCancel(context.Background())
	return s
}

// Wrap returns a handler whose event streams end with s. In HTTP/1.1 without TLS they
// go on after it has returned: in HTTP/2 many requests share a connection, and TLS has
// more memory than what could be saved.
func (s *Streams) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isEvents(r) {
			next.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.ctx, cancel)()
		if r.ProtoMajor == 1 && r.ProtoMinor == 1 && r.TLS == nil && r.Body == http.NoBody {
			w = &detachable{ResponseWriter: w, streams: s}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// isEvents reports whether a request is for an event stream, by its path.
func isEvents(r *http.Request) bool {
	return strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/statusevents")
}

// End ends all streams, also those that begin later, so that a server that stops need
// not wait for sessions to end. Readers then poll. It does not wait.
func (s *Streams) End() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end()
}

// Close is End, and waits for the streams whose handlers have returned, until ctx is
// done: a reader that does not read holds it up.
func (s *Streams) Close(ctx context.Context) error {
	s.End()
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin reports whether one more stream may go on.
func (s *Streams) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Add(1)
	}
	return !s.closed
}

// detachable is the ResponseWriter of a request for an event stream.
type detachable struct {
	http.ResponseWriter
	streams *Streams
}

// WriteHeader implements http.ResponseWriter. No other request can follow on the
// connection.
func (d *detachable) WriteHeader(status int) {
	if header := d.Header(); header.Get("Content-Type") == eventStream {
		header.Set("Connection", "close")
	}
	d.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (d *detachable) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// Detach implements Detacher.
func (d *detachable) Detach(run func(ctx context.Context, conn net.Conn)) bool {
	s := d.streams // and nothing of the request, which would stay in memory
	if !s.begin() {
		return false
	}
	conn, _, err := http.NewResponseController(d.ResponseWriter).Hijack()
	if err != nil {
		s.running.Done()
		return false
	}
	go func() {
		defer s.running.Done()
		run(s.ctx, conn)
	}()
	return true
}
