package metrics

import "github.com/prometheus/client_golang/prometheus"

// Buckets in seconds: people take their time, computations do not.
var (
	phaseBuckets  = []float64{.1, .5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900}
	cryptoBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5}
	httpBuckets   = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
)

// define makes the figures that are counted as things happen.
func (m *Metrics) define() {
	m.sessions = m.counter("irmad_sessions_total", "Sessions that entered a status; those in INITIALIZED have started.",
		"type", "status", "requestor", "proof_status")
	m.sessionErrors = m.counter("irmad_session_errors_total", "Sessions that ended because of an error.", "type", "error")
	m.active = m.gauge("irmad_sessions_active", "Sessions that have not ended, as far as this process has seen.", "type", "status")
	m.phases = m.histogram("irmad_session_phase_seconds", "Time that sessions spent in a status before the next.", phaseBuckets, "type", "phase")
	m.requests = m.counter("irmad_http_requests_total", "Requests answered, by endpoint.", "route", "method", "status")
	m.durations = m.histogram("irmad_http_request_seconds", "Time to answer requests, without event streams.", httpBuckets, "route", "method")
	m.streams = m.gauge("irmad_event_streams", "Event streams open.", "route")
	m.crypto = m.histogram("irmad_crypto_seconds", "Time that computations on proofs and signatures took.", cryptoBuckets, "type")
	m.cryptoWaits = m.histogram("irmad_crypto_wait_seconds", "Time that computations waited for their turn.", cryptoBuckets, "type")
	m.cryptoRefused = m.counter("irmad_crypto_refused_total", "Computations that never had their turn: refused as they came (shed), or waited in vain (late).", "type", "reason")
	m.callbacks = m.counter("irmad_callback_attempts_total", "Attempts at posting a result, by outcome and the status of the answer.", "outcome", "status")
	m.storeTime = m.histogram("irmad_store_seconds", "Time that operations of the session store took, if that is not the process's memory.", storeBuckets, "operation")
	m.storeErrors = m.counter("irmad_store_errors_total", "Operations of the session store that it could not be asked for.", "operation")
	m.limited = m.counter("irmad_limited_total", "Requests refused because of a limit.", "limit")
	m.reloads = m.counter("irmad_config_reloads_total", "Attempts at reading the configuration again: used, or failed and the old one stays.", "outcome")
	m.schemesStay = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "irmad_scheme_reload_failures_total", Help: "Attempts at reading schemes and issuers' keys from disk again that failed, so that the old ones stay.",
	})
	m.add(m.schemesStay)
	m.schemesChecked = m.gauge("irmad_scheme_checked_timestamp_seconds", "When it was last seen that the version in use is the one that is published.", "scheme")
	m.reloadedWell = m.single("irmad_config_last_reload_successful", "1 if the configuration that was read last is in use, 0 if it was wrong.")
	m.reloadedAt = m.single("irmad_config_last_reload_success_timestamp_seconds", "When the configuration in use was read.")
	for _, outcome := range []string{used, failed} {
		m.reloads.WithLabelValues(outcome)
	}
	for _, action := range allActions { // so that rates and alerts have a zero to start from
		for _, reason := range []string{shed, late} {
			m.cryptoRefused.WithLabelValues(string(action), reason)
		}
		for _, status := range active {
			m.active.WithLabelValues(string(action), string(status))
		}
	}
	for _, outcome := range []string{delivered, failed, abandoned} {
		m.callbacks.WithLabelValues(outcome, noAnswer)
	}
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.add(vec)
	return vec
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.add(vec)
	return vec
}

func (m *Metrics) single(name, help string) prometheus.Gauge {
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	m.add(gauge)
	return gauge
}

func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.add(vec)
	return vec
}
