package endpoint

import (
	"log"
	"strings"

	"go.uber.org/zap"
)

// newHTTPLog returns the logger for what an HTTP server complains about.
func newHTTPLog(to *zap.Logger) *log.Logger { return log.New(httpLog{to}, "", 0) }

// httpLog makes one line of each complaint. Handshakes fail all the time where
// scanners pass by, which concerns nobody but who looks for it.
type httpLog struct{ log *zap.Logger }

// Write implements io.Writer. It is called once for each complaint.
func (h httpLog) Write(text []byte) (int, error) {
	first, rest, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	problem := zap.String("problem", first)
	switch {
	case strings.HasPrefix(first, "http: TLS handshake error"):
		h.log.Debug("handshake failed", problem)
	case strings.HasPrefix(first, "http: panic"):
		h.log.Error("handler panicked", problem, zap.String("stack", rest))
	default:
		h.log.Warn("connection failed", problem)
	}
	return len(text), nil
}
