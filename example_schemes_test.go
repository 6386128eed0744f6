package irmaserver_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/scheme/update"
)

// A server that always has the newest schemes. Without Config.Schemes and
// Config.HTTPClient of update, these are pbdf and irma-demo from the internet.
func ExampleSchemeSource() {
	dir, source, client, end := publish()
	defer end()

	updater, err := update.New(update.Config{
		Dir:        filepath.Join(dir, "schemes"), // kept from one start to the next
		Schemes:    []update.Source{source},
		HTTPClient: client,
		Observer: func(e update.Event) {
			if e.State == update.Failed {
				log.Print(e.Err) // the schemes stay as they are
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{Schemes: updater})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = server.Close(context.Background()) }()

	ctx, stop := context.WithCancel(context.Background())
	updated := make(chan *scheme.Set, 1)
	var watching sync.WaitGroup
	watching.Go(func() { _ = updater.Watch(ctx, func(set *scheme.Set) { updated <- set }) })
	defer watching.Wait()
	defer stop()

	request := irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18")
	<-updated
	session, err := server.StartSession(ctx, request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(session.SessionPtr.Action)
	// Output: disclosing
}

// publish has a web server publish the demo scheme.
func publish() (dir string, source update.Source, client *http.Client, end func()) {
	dir, err := os.MkdirTemp("", "schemes")
	if err != nil {
		log.Fatal(err)
	}
	files, err := demo.FS()
	if err != nil {
		log.Fatal(err)
	}
	published := filepath.Join(dir, "published")
	key, err := scheme.GenerateKey()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.CopyFS(published, files); err != nil {
		log.Fatal(err)
	}
	if err := scheme.Sign(filepath.Join(published, string(demo.ID)), key, time.Now()); err != nil {
		log.Fatal(err)
	}
	web := httptest.NewTLSServer(http.FileServer(http.Dir(published)))
	source = update.Source{ID: demo.ID, URL: web.URL + "/" + string(demo.ID), PublicKey: &key.PublicKey}
	return dir, source, web.Client(), func() {
		web.Close()
		_ = os.RemoveAll(dir) // a folder for temporary files
	}
}
