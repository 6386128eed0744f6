package file_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/store/file"
)

// A session outlives the server that started it.
func Example() {
	dir, err := os.MkdirTemp("", "sessions")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "sessions.db")

	token := first(path)
	fmt.Println(second(path, token))
	// Output: INITIALIZED
}

// first starts a session and ends.
func first(path string) irma.RequestorToken {
	server, end := serve(path)
	defer end()
	session, err := server.StartSession(context.Background(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		log.Fatal(err)
	}
	return session.Token
}

// second asks how it goes.
func second(path string, token irma.RequestorToken) irma.Status {
	server, end := serve(path)
	defer end()
	status, err := server.Status(context.Background(), token)
	if err != nil {
		log.Fatal(err)
	}
	return status
}

// serve returns a server whose sessions are in a file, and what ends it: first
// the server, then the store.
func serve(path string) (server *irmaserver.Server, end func()) {
	sessions, err := file.Open(path, file.Options{})
	if err != nil {
		log.Fatal(err)
	}
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	server, err = irmaserver.New(irmaserver.Config{Schemes: schemes, URL: "https://example.com/irma/", Store: sessions})
	if err != nil {
		log.Fatal(err)
	}
	return server, func() {
		if err := server.Close(context.Background()); err != nil {
			log.Fatal(err)
		}
		if err := sessions.Close(); err != nil {
			log.Fatal(err)
		}
	}
}
