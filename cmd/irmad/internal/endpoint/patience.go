package endpoint

import (
	"io"
	"net/http"
	"time"
)

// bePatient returns a handler whose requests may take long to arrive as long as
// they make progress: a phone on a bad network must get its proofs across. A
// body that pauses for bodyPause, or has not ended after bodyTimeout, is cut
// off. While the handler works there is no deadline, as passing it would look
// like a client that has gone. What the handler did not want to read is waited for
// only shortly: the connection can be used again if it has come by then.
func bePatient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &patientBody{ReadCloser: r.Body, control: http.NewResponseController(w), end: time.Now().Add(bodyTimeout)}
			body.extend()
			r.Body = body
			defer body.leave()
		}
		next.ServeHTTP(w, r)
	})
}

// patientBody moves the read deadline while bytes arrive.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	end     time.Time // of all patience
	ended   bool      // by EOF
}

// Read implements io.Reader.
func (b *patientBody) Read(buffer []byte) (int, error) {
	n, err := b.ReadCloser.Read(buffer)
	switch {
	case err == io.EOF:
		b.ended = true
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

// leave ends the patience when the handler has ended.
func (b *patientBody) leave() {
	if !b.ended {
		_ = b.control.SetReadDeadline(time.Now().Add(leftoverPause))
	}
}
