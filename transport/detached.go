package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// probe is how long a stream looks whether its reader is still there.
const probe = time.Millisecond

// serveDetached sends the statuses of a stream, of which the head is sent, on a
// connection of its own, in chunks as the head has said (RFC 9112 §7.1). It looks
// with each heartbeat whether the reader is gone: to be told at once would take a
// second goroutine, half of what a stream takes.
func (m *mux) serveDetached(ctx context.Context, conn net.Conn, stream Stream, convert event) {
	defer m.survive(conn)
	out := eventWriter{
		write: func(text string) error {
			_, err := fmt.Fprintf(conn, "%x\r\n%s\r\n", len(text), text)
			return err
		},
		deadline: conn.SetWriteDeadline,
		gone:     func() bool { return hungUp(conn) },
	}
	if out.serve(ctx, stream, convert) {
		_ = conn.SetWriteDeadline(time.Now().Add(writePatience))
		_, _ = io.WriteString(conn, "0\r\n\r\n") // the reader may have gone
	}
	_ = conn.Close() // nothing is left to be written
}

// survive ends a stream that panicked, which is a mistake of ours. In a handler
// net/http would see to that.
func (m *mux) survive(conn net.Conn) {
	if problem := recover(); problem != nil {
		m.tellPanic("event stream panicked", problem)
		_ = conn.Close() // its reader polls
	}
}

// hungUp reports whether the other side has closed the connection. What it says
// meanwhile is of no interest.
func hungUp(conn net.Conn) bool {
	if conn.SetReadDeadline(time.Now().Add(probe)) != nil {
		return true
	}
	var said [1]byte
	_, err := conn.Read(said[:])
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}
