package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/irmad/irmaserver/cmd/irmad/internal/issuing"
	"github.com/irmad/irmaserver/scheme"
)

// serverCollector tells how many computations and results wait for their turn.
type serverCollector struct{ server Server }

var (
	cryptoWaiting    = prometheus.NewDesc("irmad_crypto_waiting", "Computations on proofs and signatures that wait for their turn.", nil, nil)
	cryptoRunning    = prometheus.NewDesc("irmad_crypto_running", "Computations on proofs and signatures that are being made.", nil, nil)
	callbacksWaiting = prometheus.NewDesc("irmad_callbacks_waiting", "Attempts at posting a result that wait for their turn.", nil, nil)
	callbacksRunning = prometheus.NewDesc("irmad_callbacks_running", "Attempts at posting a result that are being made.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c *serverCollector) Describe(out chan<- *prometheus.Desc) {
	out <- cryptoWaiting
	out <- cryptoRunning
	out <- callbacksWaiting
	out <- callbacksRunning
}

// Collect implements prometheus.Collector.
func (c *serverCollector) Collect(out chan<- prometheus.Metric) {
	crypto := c.server.CryptoStats()
	out <- prometheus.MustNewConstMetric(cryptoWaiting, prometheus.GaugeValue, float64(crypto.Waiting))
	out <- prometheus.MustNewConstMetric(cryptoRunning, prometheus.GaugeValue, float64(crypto.Running))
	stats := c.server.CallbackStats()
	out <- prometheus.MustNewConstMetric(callbacksWaiting, prometheus.GaugeValue, float64(stats.Waiting))
	out <- prometheus.MustNewConstMetric(callbacksRunning, prometheus.GaugeValue, float64(stats.Running))
}

// schemeCollector tells about the schemes that are in use when it is asked.
type schemeCollector struct {
	schemes                         func() *scheme.Set
	count, timestamp, problems, key *prometheus.Desc
}

func newSchemeCollector(schemes func() *scheme.Set) *schemeCollector {
	return &schemeCollector{
		schemes:   schemes,
		count:     prometheus.NewDesc("irmad_schemes", "Schemes in use.", nil, nil),
		timestamp: prometheus.NewDesc("irmad_scheme_timestamp_seconds", "When the version of a scheme that is in use was signed.", []string{"scheme"}, nil),
		problems:  prometheus.NewDesc("irmad_scheme_problems", "Schemes that are not used (refused), and flaws in those that are (warning).", []string{"severity"}, nil),
		key: prometheus.NewDesc("irmad_issuer_key_expiry_timestamp_seconds",
			"When the public key belonging to the newest private key of an issuer expires.", []string{"issuer", "counter"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (c *schemeCollector) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{c.count, c.timestamp, c.problems, c.key} {
		out <- desc
	}
}

// Collect implements prometheus.Collector.
func (c *schemeCollector) Collect(out chan<- prometheus.Metric) {
	set := c.schemes()
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	var count int
	for s := range set.Schemes() {
		count++
		gauge(c.timestamp, float64(s.Timestamp.Unix()), string(s.ID))
	}
	gauge(c.count, float64(count))
	problems := map[bool]int{}
	for _, problem := range set.Problems() {
		problems[problem.Warning()]++
	}
	gauge(c.problems, float64(problems[true]), "warning")
	gauge(c.problems, float64(problems[false]), "refused")
	for _, key := range issuing.Keys(set) {
		gauge(c.key, float64(key.Expiry.Unix()), string(key.Issuer), strconv.FormatUint(uint64(key.Counter), 10))
	}
}
