package main

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/examples/internal/visit"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/store/storetest"
)

// The contract of stores, as each of them is tested.
func TestContract(t *testing.T) {
	t.Parallel()
	storetest.RunVirtual(t, func(*testing.T) store.Store {
		return &measured{Store: memory.New(memory.Config{}), limit: time.Hour, tell: func(string, time.Duration) {}}
	})
}

func TestMeasured(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	calls := map[string]bool{} // guarded by mu
	tell := func(method string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		calls[method] = calls[method] || took > 0
	}
	v := visit.New(t, "/irma/", func(s *irmaserver.Server) http.Handler { return s.Handler() }, func(cfg *irmaserver.Config) {
		cfg.Store = &measured{Store: memory.New(memory.Config{}), tell: tell}
	})
	v.Obtain(t, "root", "bsn=999999990")
	mu.Lock()
	defer mu.Unlock()
	delete(calls, "Due") // comes by the clock
	if diff := cmp.Diff(map[string]bool{"Create": true, "Load": true, "Swap": true}, calls); diff != "" {
		t.Errorf("methods told of (-want +got):\n%s", diff)
	}
}
