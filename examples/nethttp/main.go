// Command nethttp is a web shop for adults: it lets visitors in once their wallet
// has proved that they are over 18. It uses the demo scheme, which phones do not
// know; the test beside it does the session with a simulated wallet.
package main

import (
	"crypto/rand"
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"sync"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

var page = template.Must(template.New("").Parse(`<!doctype html><title>Shop</title>
{{if .Link}}<meta http-equiv="refresh" content="2"><p><a href="{{.Link}}">Show that you are over 18</a>
{{else if .Adult}}<p>Welcome!{{else}}<p>We have not seen that you are over 18.{{end}}
<form method="post"><button>Start again</button></form>`))

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

// newHandler mounts the endpoints for wallets beside the shop's own page. The
// requestor token of a session never goes to the browser, only a cookie does.
func newHandler(server *irmaserver.Server) http.Handler {
	var sessions sync.Map // *irma.SessionPackage by cookie
	mux := http.NewServeMux()
	mux.Handle("/wallets/irma/", server.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		var view struct{ Link, Adult any }
		if cookie, err := r.Cookie("visitor"); err == nil {
			if session, ok := sessions.Load(cookie.Value); ok {
				view.Link, view.Adult = look(r, server, session.(*irma.SessionPackage))
			}
		}
		_ = page.Execute(w, view)
	})
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		session, err := server.StartSession(r.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		cookie := &http.Cookie{Name: "visitor", Value: rand.Text(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
		sessions.Store(cookie.Value, session)
		http.SetCookie(w, cookie)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return mux
}

// look returns a link that opens the wallet while the session runs, and then
// whether the visitor is over 18.
func look(r *http.Request, server *irmaserver.Server, session *irma.SessionPackage) (link, adult any) {
	result, err := server.Result(r.Context(), session.Token)
	if err != nil { // mostly that the session is over since long
		return nil, nil
	}
	if result.Status.Finished() {
		return nil, result.ProofStatus == irma.ProofValid && result.Disclosed[0][0].Text() == "yes"
	}
	pointer, _ := json.Marshal(session.SessionPtr) // two texts
	return template.URL("https://open.yivi.app/-/session#" + url.QueryEscape(string(pointer))), nil
}
