// Command nethttp is a web shop for adults: it lets visitors in once their wallet
// has proved that they are over 18. It uses the demo scheme, which phones do not
// know; the test beside it does the session with a simulated wallet.
package main

import (
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
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/wallets/irma/"})
	if err != nil {
		log.Fatal(err)
	}
	log.Print("open http://localhost:8080/")
	log.Fatal(http.ListenAndServe("localhost:8080", newHandler(server)))
}

// newHandler mounts the endpoints for wallets beside the shop's own page.
func newHandler(server *irmaserver.Server) http.Handler {
	s, mux := &shop{irma: server}, http.NewServeMux()
	mux.Handle("/wallets/irma/", server.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { _ = page.Execute(w, s.look(r)) })
	mux.HandleFunc("POST /{$}", s.start)
	return mux
}
