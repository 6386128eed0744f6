package metrics

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/irmad/irmaserver/cmd/irmad/internal/route"
	"github.com/irmad/irmaserver/transport"
)

// Wrap returns a handler that counts the requests to next.
func (m *Metrics) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, method, start := route.Of(r.URL.Path, m.prefix), methodLabel(r.Method), time.Now()
		out := &recorder{ResponseWriter: w, streams: m.streams.WithLabelValues(name)}
		defer func() {
			switch {
			case out.detached:
			case out.streaming:
				out.streams.Dec()
			default:
				m.durations.WithLabelValues(name, method).Observe(time.Since(start).Seconds())
			}
			m.requests.WithLabelValues(name, method, out.statusLabel()).Inc()
		}()
		next.ServeHTTP(out, r)
		out.returned = true
	})
}

// methodLabel bounds the methods that clients make up.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodHead:
		return method
	}
	return "other"
}

// recorder notes the status of an answer and whether it is an event stream.
type recorder struct {
	http.ResponseWriter
	streams   prometheus.Gauge
	status    int
	streaming bool
	detached  bool // the stream goes on after the handler
	returned  bool // the handler did not panic
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
		if strings.HasPrefix(r.Header().Get("Content-Type"), "text/event-stream") {
			r.streaming = true
			r.streams.Inc()
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(data)
}

// Detach implements transport.Detacher: a stream counts until it ends.
func (r *recorder) Detach(run func(ctx context.Context, conn net.Conn)) bool {
	streams := r.streams // and not r, which would stay in memory
	r.detached = transport.Detach(r.ResponseWriter, func(ctx context.Context, conn net.Conn) {
		defer streams.Dec()
		run(ctx, conn)
	})
	return r.detached
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) statusLabel() string {
	switch {
	case r.status != 0:
		return statusLabel(r.status)
	case r.returned: // net/http completes the answer
		return "200"
	}
	return "aborted"
}
