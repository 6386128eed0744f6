// Command wait answers a request when the visitor's wallet has, in one handler, at
// http://localhost:8080/. Contexts say how long: while the visitor stays, at most a
// minute, and until the program ends. It uses the demo scheme.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
)

// patience is how long a visitor may take.
const patience = time.Minute

var page = template.Must(template.New("").Parse(`<!doctype html><title>Door</title><p><a href="{{.}}">Open the app</a>`))

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx)
	stop()
	log.Print(err)
}

func run(ctx context.Context) error {
	schemes, err := demo.Set()
	if err != nil {
		return err
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "http://localhost:8080/irma/"})
	if err != nil {
		return err
	}
	web := &http.Server{Addr: "localhost:8080", Handler: newHandler(server, patience), BaseContext: func(net.Listener) context.Context { return ctx }}
	context.AfterFunc(ctx, func() { _ = web.Shutdown(context.Background()) })
	err = web.ListenAndServe() // returns as soon as Shutdown begins
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(err, server.Close(closing))
}

func newHandler(server *irmaserver.Server, patience time.Duration) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/irma/", server.Handler())
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		session, err := server.StartSession(ctx, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		pointer, _ := json.Marshal(session.SessionPtr) // two texts
		_ = page.Execute(w, template.URL("https://open.yivi.app/-/session#"+url.QueryEscape(string(pointer))))
		_ = http.NewResponseController(w).Flush()
		fmt.Fprintf(w, "<p>%s", adult(ctx, server, session.Token))
	})
	return mux
}

// adult waits for the session. One that nobody waits for any more is cancelled, so
// that the app says so to who scans the QR too late. That needs a context which has
// not ended.
func adult(ctx context.Context, server *irmaserver.Server, token irma.RequestorToken) string {
	result, err := server.WaitResult(ctx, token)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		_ = server.CancelSession(context.WithoutCancel(ctx), token)
		return "That took too long."
	case err != nil: // the server is closing, or its store does not answer
		return "Something went wrong."
	case result.ProofStatus == irma.ProofValid && result.Disclosed[0][0].Text() == "yes":
		return "Come in!"
	}
	return "This door is for adults." // who declines, or whose proof is not valid, too
}
