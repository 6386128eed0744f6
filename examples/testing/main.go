// Command testing asks a server elsewhere whether a visitor is over 18, and shows, in
// the test beside it, how such an application is tested: with a server and a wallet of
// package irmatest.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
)

func main() {
	client := &requestor.Client{URL: os.Getenv("IRMA_SERVER"), Auth: requestor.Token(os.Getenv("IRMA_TOKEN"))}
	log.Fatal(http.ListenAndServe("localhost:8080", newHandler(client)))
}

// newHandler has two endpoints for the application's page: one starts a session and
// answers what yivi-frontend needs, the other answers whether the visitor may come in.
// The requestor token of the session stays here, and the visitor has a cookie.
func newHandler(client *requestor.Client) http.Handler {
	var sessions sync.Map // irma.RequestorToken by cookie
	mux := http.NewServeMux()
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, r *http.Request) {
		session, err := client.StartSession(r.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
		if err != nil {
			log.Print(err) // says what the server has against the request
			http.Error(w, "try again later", http.StatusBadGateway)
			return
		}
		cookie := &http.Cookie{Name: "visitor", Value: rand.Text(), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
		sessions.Store(cookie.Value, session.Token)
		http.SetCookie(w, cookie)
		session.Token = ""
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(session)
	})
	mux.HandleFunc("GET /adult", func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("visitor"); err != nil || !adult(r.Context(), client, &sessions, cookie.Value) {
			http.Error(w, "not seen that you are over 18", http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte("come in"))
	})
	return mux
}

// adult reports whether the session of a visitor has shown that. No other session can
// take its place, as the visitor does not choose the token.
func adult(ctx context.Context, client *requestor.Client, sessions *sync.Map, visitor string) bool {
	token, known := sessions.Load(visitor)
	if !known {
		return false
	}
	result, err := client.Result(ctx, token.(irma.RequestorToken))
	return err == nil && result.ProofStatus == irma.ProofValid && result.Disclosed[0][0].Text() == "yes"
}
