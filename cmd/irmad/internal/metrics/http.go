package metrics

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/irmad/irmaserver/cmd/irmad/internal/route"
)

// Wrap returns a handler that counts the requests to next.
func (m *Metrics) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, method, start := route.Of(r.URL.Path, m.prefix), methodLabel(r.Method), time.Now()
		out := &recorder{ResponseWriter: w, streams: m.streams.WithLabelValues(name)}
		defer func() {
			if out.streaming {
				out.streams.Dec()
			} else {
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
