// Package metrics counts what irmad does, for Prometheus. It is an observer of
// the engine, a middleware before its handlers, and a handler that gives the
// figures. Labels hold names from the configuration and the protocol only:
// tokens, addresses and attributes never get here, and the number of series is
// bounded whatever clients do.
package metrics

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
)

// maxRequestors bounds the values of the label requestor. Requestors are
// configured, so there are more only after many changes of the configuration.
const maxRequestors = 200

// Config configures New. Version is the program's.
type Config struct {
	Version string
	Prefix  string // of the endpoints' paths
}

// Metrics holds the figures. Its methods may be called from several goroutines
// at once.
type Metrics struct {
	collectors []prometheus.Collector
	prefix     string

	sessions      *prometheus.CounterVec
	sessionErrors *prometheus.CounterVec
	active        *prometheus.GaugeVec
	phases        *prometheus.HistogramVec
	requests      *prometheus.CounterVec
	durations     *prometheus.HistogramVec
	streams       *prometheus.GaugeVec
	crypto        *prometheus.HistogramVec
	cryptoWaits   *prometheus.HistogramVec
	cryptoRefused *prometheus.CounterVec
	callbacks     *prometheus.CounterVec
	limited       *prometheus.CounterVec
	storeTime     *prometheus.HistogramVec
	storeErrors   *prometheus.CounterVec
	reloads       *prometheus.CounterVec
	schemesStay   prometheus.Counter

	schemesChecked *prometheus.GaugeVec

	reloadedWell prometheus.Gauge
	reloadedAt   prometheus.Gauge

	mu         sync.Mutex // guards requestors
	requestors map[string]bool
}

// Server is what is asked when the figures are read.
type Server interface {
	CallbackStats() irmaserver.CallbackStats
	CryptoStats() irmaserver.CryptoStats
}

// New returns metrics without figures about a server; Watch adds those.
func New(cfg Config) *Metrics {
	m := &Metrics{prefix: cfg.Prefix, requestors: make(map[string]bool)}
	m.define()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "irmad_build_info",
		Help:        "1, with the version of irmad and of Go as labels.",
		ConstLabels: prometheus.Labels{"version": cfg.Version, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.add(build)
	return m
}

// Watch adds figures that are asked from the server, and those about the
// schemes in use at the time of asking. It is to be called once.
func (m *Metrics) Watch(server Server, schemes func() *scheme.Set) {
	m.inUseSince(time.Now())
	m.add(&serverCollector{server}, newSchemeCollector(schemes))
}

// add has figures among those that Prometheus reads.
func (m *Metrics) add(figures ...prometheus.Collector) {
	m.collectors = append(m.collectors, figures...)
}

// Handler returns what Prometheus reads, with figures about the process. It is to be
// called after Watch. Servers that nobody watches are spared the registry.
func (m *Metrics) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(m.collectors...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// requestor returns the requestor's name, or "other" if there have been very
// many.
func (m *Metrics) requestor(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.requestors[name] {
		if len(m.requestors) >= maxRequestors {
			return "other"
		}
		m.requestors[name] = true
	}
	return name
}

// Limited counts a request that was refused because of this limit.
func (m *Metrics) Limited(limit string) { m.limited.WithLabelValues(limit).Inc() }

// Reloaded counts an attempt at reading the configuration again.
func (m *Metrics) Reloaded(ok bool, at time.Time) {
	if !ok {
		m.reloads.WithLabelValues(failed).Inc()
		m.reloadedWell.Set(0)
		return
	}
	m.reloads.WithLabelValues(used).Inc()
	m.inUseSince(at)
}

// SchemeChecked notes that the version of a scheme in use is the published one.
// Schemes are those in the directory, so there are few.
func (m *Metrics) SchemeChecked(id irma.SchemeID, at time.Time) {
	m.schemesChecked.WithLabelValues(string(id)).Set(float64(at.Unix()))
}

// SchemesStay counts an attempt at reading schemes and issuers' keys again that
// failed, so that the old ones stay.
func (m *Metrics) SchemesStay() { m.schemesStay.Inc() }

// inUseSince notes that the configuration that was read at this time is in use.
func (m *Metrics) inUseSince(at time.Time) {
	m.reloadedWell.Set(1)
	m.reloadedAt.Set(float64(at.Unix()))
}

var _ irmaserver.Observer = (*Metrics)(nil)

// allActions are the kinds of sessions.
var allActions = []irma.Action{irma.Disclosing, irma.Signing, irma.Issuing}
