package main

import (
	"crypto/rand"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"sync"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

var page = template.Must(template.New("").Parse(`<!doctype html><title>Shop</title>
{{if .Link}}<meta http-equiv="refresh" content="2"><p><a href="{{.Link}}">Show that you are over 18</a>
{{else if .Adult}}<p>Welcome!{{else}}<p>We have not seen that you are over 18.{{end}}
<form method="post"><button>Start again</button></form>`))

// shop remembers the sessions of its visitors for ever, which a real one leaves
// to its session store. The requestor token in them never goes to the browser.
type shop struct {
	irma     *irmaserver.Server
	sessions sync.Map // *irma.SessionPackage by cookie
}

func (s *shop) start(w http.ResponseWriter, r *http.Request) {
	session, err := s.irma.StartSession(r.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	cookie := &http.Cookie{Name: "visitor", Value: rand.Text(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	s.sessions.Store(cookie.Value, session)
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// look returns what the page shows: a link that opens the wallet while the
// session runs, and then whether the visitor is over 18.
func (s *shop) look(r *http.Request) (view struct{ Link, Adult any }) {
	cookie, err := r.Cookie("visitor")
	if err != nil {
		return view
	}
	known, ok := s.sessions.Load(cookie.Value)
	if !ok {
		return view
	}
	session := known.(*irma.SessionPackage)
	result, err := s.irma.Result(r.Context(), session.Token)
	switch {
	case err != nil: // mostly that the session is over since long
	case !result.Status.Finished():
		pointer, _ := json.Marshal(session.SessionPtr) // two texts
		view.Link = template.URL("https://open.yivi.app/-/session#" + url.QueryEscape(string(pointer)))
	default:
		view.Adult = result.ProofStatus == irma.ProofValid && *result.Disclosed[0][0].RawValue == "yes"
	}
	return view
}
