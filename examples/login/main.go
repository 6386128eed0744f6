// Command login lets visitors log in at http://localhost:8080/ with a citizen number
// from their wallet, of the demo scheme, and then knows them by a session cookie.
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

var page = template.Must(template.New("").Parse(`<!doctype html><title>Desk</title>
{{if .User}}<p>Hello citizen {{.User}}<form method="post" action="/logout"><button>Log out</button></form>
{{else if .Link}}<meta http-equiv="refresh" content="2"><p><a href="{{.Link}}">Open the app to log in</a>{{else}}<form method="post" action="/login"><button>Log in</button></form>{{end}}`))

// site is a website. In reality its maps would be tables that forget old rows.
type site struct {
	irma   *irmaserver.Server
	logins sync.Map // *irma.SessionPackage by cookie, while users log in
	users  sync.Map // citizen number by cookie
}

func main() {
	schemes, err := demo.Set()
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
	s, mux, forms := &site{irma: server}, http.NewServeMux(), http.NewCrossOriginProtection()
	mux.Handle("/irma/", server.Handler()) // for the app, and for pages of any origin
	mux.HandleFunc("GET /{$}", s.show)
	mux.Handle("POST /login", forms.Handler(http.HandlerFunc(s.login)))
	mux.Handle("POST /logout", forms.Handler(http.HandlerFunc(s.logout)))
	return mux
}

func (s *site) show(w http.ResponseWriter, r *http.Request) {
	var view struct{ User, Link any }
	if cookie, err := r.Cookie("id"); err == nil {
		view.User, _ = s.users.Load(cookie.Value)
		if pkg, busy := s.logins.Load(cookie.Value); busy {
			view.User, view.Link = s.finish(w, r, cookie.Value, pkg.(*irma.SessionPackage))
		}
	}
	_ = page.Execute(w, view)
}

// finish logs the visitor in after the session, with a cookie that nobody has seen before.
func (s *site) finish(w http.ResponseWriter, r *http.Request, id string, pkg *irma.SessionPackage) (user, link any) {
	result, err := s.irma.Result(r.Context(), pkg.Token)
	if err == nil && !result.Status.Finished() {
		pointer, _ := json.Marshal(pkg.SessionPtr) // two texts
		return nil, template.URL("https://open.yivi.app/-/session#" + url.QueryEscape(string(pointer)))
	}
	if _, first := s.logins.LoadAndDelete(id); !first || err != nil || result.ProofStatus != irma.ProofValid {
		return nil, nil
	}
	user = result.Disclosed[0][0].Text()
	s.users.Store(setCookie(w), user)
	return user, nil
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	pkg, err := s.irma.StartSession(r.Context(), irma.NewDisclosureRequest("irmad-demo.gov.root.bsn"))
	if err != nil {
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	s.logins.Store(setCookie(w), pkg)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie("id"); err == nil {
		s.users.Delete(cookie.Value)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// setCookie gives the visitor a new name. Behind TLS it would be Secure.
func setCookie(w http.ResponseWriter) string {
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{Name: "id", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return id
}
