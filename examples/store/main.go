// Command store keeps sessions in a store of its own: one that measures another and
// tells when it is slow. A store from nothing has the same five methods; package
// storetest, as used beside this, says whether it keeps their contract.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/scheme/demo"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

func main() {
	schemes, err := demo.Set()
	if err != nil {
		log.Fatal(err)
	}
	server, err := irmaserver.New(irmaserver.Config{
		Schemes: schemes,
		URL:     "http://localhost:8080/irma/",
		Store: &measured{Store: memory.New(memory.Config{}), limit: 50 * time.Millisecond, tell: func(method string, took time.Duration) {
			log.Printf("the store took %v for %s", took, method)
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("/irma/", server.Handler())
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

// measured is a store that tells of calls that take longer than the limit. Watch is
// not among them, as it waits on purpose; it is that of the Store inside.
type measured struct {
	store.Store
	limit time.Duration
	tell  func(method string, took time.Duration) // keys are secret: no word of them
}

var _ store.Store = (*measured)(nil)

func (m *measured) measure(method string, start time.Time) {
	if took := time.Since(start); took > m.limit {
		m.tell(method, took)
	}
}

func (m *measured) Create(ctx context.Context, key string, rec store.Record) error {
	defer m.measure("Create", time.Now())
	return m.Store.Create(ctx, key, rec)
}

func (m *measured) Load(ctx context.Context, key string) (store.Record, error) {
	defer m.measure("Load", time.Now())
	return m.Store.Load(ctx, key)
}

func (m *measured) Swap(ctx context.Context, key string, rec store.Record) error {
	defer m.measure("Swap", time.Now())
	return m.Store.Swap(ctx, key, rec) // errors as they are: the engine looks for ErrConflict
}

func (m *measured) Due(ctx context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	defer m.measure("Due", time.Now())
	return m.Store.Due(ctx, now, limit)
}
