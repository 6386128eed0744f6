// Command metrics counts what the server does, and shows it at
// http://localhost:8080/debug/vars. An Observer for another system has the same
// three methods; irmad has one for Prometheus.
package main

import (
	"context"
	"expvar"
	"log"
	"net/http"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme/demo"
)

func main() {
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	m := new(metrics)
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/irma/", Observer: m})
	if err != nil {
		log.Fatal(err)
	}
	expvar.Publish("irma", m.vars(server))
	http.Handle("/irma/", server.Handler())
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

// metrics is an Observer. Its methods are called from many goroutines while requests
// wait, so all they do is count.
type metrics struct {
	sessions  expvar.Map // by kind and how they ended
	live      expvar.Int // sessions that have not ended, of this process's store
	computing expvar.Map // seconds by kind
	shed      expvar.Int // computations that would have come too late
	callbacks expvar.Map // attempts by what came of them
}

var _ irmaserver.Observer = (*metrics)(nil)

// Session implements irmaserver.Observer.
func (m *metrics) Session(_ context.Context, event irmaserver.SessionEvent) {
	if event.Before == "" {
		m.live.Add(1)
	}
	if event.Status.Finished() {
		m.live.Add(-1)
		outcome := string(event.Status)
		if event.ProofStatus != "" {
			outcome += " " + string(event.ProofStatus)
		}
		m.sessions.Add(string(event.Action)+" "+outcome, 1)
	}
}

// Crypto implements irmaserver.Observer.
func (m *metrics) Crypto(event irmaserver.CryptoEvent) {
	if event.Shed {
		m.shed.Add(1)
	}
	m.computing.AddFloat(string(event.Kind), event.Took.Seconds())
}

// Callback implements irmaserver.Observer.
func (m *metrics) Callback(event irmaserver.CallbackEvent) {
	switch {
	case event.Delivered:
		m.callbacks.Add("delivered", 1)
	case event.Abandoned:
		m.callbacks.Add("abandoned", 1)
	default:
		m.callbacks.Add("failed", 1)
	}
}

// vars adds what the server tells when it is asked.
func (m *metrics) vars(server *irmaserver.Server) *expvar.Map {
	all := new(expvar.Map)
	all.Set("sessions", &m.sessions)
	all.Set("live", &m.live)
	all.Set("computing", &m.computing)
	all.Set("shed", &m.shed)
	all.Set("callbacks", &m.callbacks)
	all.Set("busy", expvar.Func(func() any { return server.CryptoStats() }))
	return all
}
