// Command issue is a town hall at http://localhost:8080/, where citizens log in with
// a name and a password and get a card into their wallet, of the demo scheme.
package main

import (
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

var page = template.Must(template.New("").Parse(`<!doctype html><title>Town hall</title>
<p>Hello {{.Name}}{{.Note}}{{if .Link}}<meta http-equiv="refresh" content="2"><p><a href="{{.Link}}">Put your card into the app</a>
{{else}}<form method="post"><button>Get a card</button></form>{{end}}`))

// citizen is what the town knows of somebody.
type citizen struct{ password, firstName, familyName, birthDate string }

// register is the population register; a real one has no passwords in the clear.
var register = map[string]citizen{"johanna": {"secret", "Johanna", "Demo", "01-01-1990"}}

func main() {
	schemes, err := demo.Set() // has the issuer's private key; yours is read by scheme.LoadDir
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/irma/"})
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("localhost:8080", newHandler(server)))
}

func newHandler(server *irmaserver.Server) http.Handler {
	var sessions sync.Map // *irma.SessionPackage by name, the latest of each citizen
	mux, site := http.NewServeMux(), http.NewServeMux()
	mux.Handle("/irma/", server.Handler())
	mux.Handle("/", http.NewCrossOriginProtection().Handler(loggedIn(site)))
	site.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := r.BasicAuth()
		view := struct{ Name, Note, Link any }{Name: register[name].firstName}
		if session, found := sessions.Load(name); found {
			view.Note, view.Link = look(r, server, session.(*irma.SessionPackage))
		}
		_ = page.Execute(w, view)
	})
	site.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := r.BasicAuth()
		session, err := server.StartSession(r.Context(), card(register[name]))
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		sessions.Store(name, session)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	return mux
}

// look returns a link that opens the app while the session runs, and then how it went.
func look(r *http.Request, server *irmaserver.Server, session *irma.SessionPackage) (note, link any) {
	result, err := server.Result(r.Context(), session.Token)
	if err != nil || result.Status.Finished() {
		return map[bool]string{true: ", you have your card", false: ", that did not work"}[err == nil && result.ProofStatus == irma.ProofValid], nil
	}
	pointer, _ := json.Marshal(session.SessionPtr) // two texts
	return nil, template.URL("https://open.yivi.app/-/session#" + url.QueryEscape(string(pointer)))
}

// loggedIn lets in whom the register knows. Any other login would do.
func loggedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		if c, known := register[name]; !known || c.password != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="town hall"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// card is what a citizen gets: the values come from the register, never from the browser.
func card(c citizen) *irma.SessionRequest {
	return irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.personalData",
		Validity:         irma.NewTimestamp(time.Now().AddDate(1, 0, 0)),
		Attributes:       map[string]string{"firstName": c.firstName, "familyName": c.familyName, "birthDate": c.birthDate, "city": "Utrecht"},
	})
}
