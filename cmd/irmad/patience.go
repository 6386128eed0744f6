package main

import (
	"io"
	"net/http"
	"time"
)

// bePatient returns a handler whose requests may take long to arrive as long as
// they make progress: a phone on a bad network must get its proofs across. A
// body that pauses for bodyPause, or has not ended after bodyTimeout, is cut
// off. While the handler works there is no deadline, as passing it would look
// like a client that has gone.
func bePatient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &patientBody{ReadCloser: r.Body, control: http.NewResponseController(w), end: time.Now().Add(bodyTimeout)}
			body.extend()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// patientBody moves the read deadline while bytes arrive.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	end     time.Time // of all patience
}

// Read implements io.Reader.
func (b *patientBody) Read(buffer []byte) (int, error) {
	n, err := b.ReadCloser.Read(buffer)
	switch {
	case err == io.EOF:
		_ = b.control.SetReadDeadline(time.Time{}) // see extend
	case n > 0:
		b.extend()
	}
	return n, err
}

// extend moves the deadline. Writers that cannot do that, as in tests of
// handlers, have none.
func (b *patientBody) extend() {
	deadline := time.Now().Add(bodyPause)
	if deadline.After(b.end) {
		deadline = b.end
	}
	_ = b.control.SetReadDeadline(deadline)
}
