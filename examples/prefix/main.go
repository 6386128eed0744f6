// Command prefix has the endpoints for wallets below a prefix of a router, here that
// of httprouter, beside the routes of an application. It also shows the endpoints
// for requestors, which other programs of the same office use; they are on a port
// that the public does not reach.
package main

import (
	"log"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme/demo"
)

// prefix is where wallets reach the server; it is the path of Config.URL.
const prefix = "/apps/desk/irma/"

func main() {
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080" + prefix})
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.ListenAndServe("localhost:8081", newPrivate(server))) }()
	log.Print("wallets at http://localhost:8080" + prefix + ", requestors at http://localhost:8081/v1/session")
	log.Fatal(http.ListenAndServe("localhost:8080", newPublic(server)))
}

// newPublic routes what wallets and frontends send. The server looks at the path
// from its last "/session/" on, so it does not matter whether a router takes the
// prefix off.
func newPublic(server *irmaserver.Server) http.Handler {
	router := httprouter.New()
	router.HandleOPTIONS = false // preflights of pages elsewhere are for the server
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions} {
		router.Handler(method, prefix+"*path", server.Handler())
	}
	router.GET("/apps/desk/", func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
		_, _ = w.Write([]byte("the desk"))
	})
	return router
}

// newPrivate routes what requestors send, with the router of the standard library.
func newPrivate(server *irmaserver.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/", http.StripPrefix("/v1", server.RequestorHandler()))
	return mux
}
