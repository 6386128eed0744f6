package main

import (
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/requestor"
)

// BenchmarkStores does disclosures at an irmad in a process of its own, with each
// kind of store, and tells how much processor time that took for one of them, from
// start to result. Verifying is most of it.
func BenchmarkStores(b *testing.B) {
	stores := map[string]func() []string{
		"memory": func() []string { return nil },
		"file": func() []string {
			return []string{"--store-type", "file", "--store-path", filepath.Join(b.TempDir(), "db")}
		},
		"redis": func() []string { return withRedis(redistest.Start(b)) },
	}
	for name, args := range stores {
		b.Run(name, func(b *testing.B) {
			server := launch(b, append([]string{"--schemes-update", "0"}, args()...)...)
			benchmarkDisclosures(b, server)
		})
	}
}

func benchmarkDisclosures(b *testing.B, server *child) {
	b.Helper()
	client := &requestor.Client{URL: server.url + "/", HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}}
	jobs := make(chan struct{})
	var workers sync.WaitGroup
	for range 4 {
		w := phone(b, wallet.Config{})
		oneSession(b, client, w, age())
		oneSession(b, client, w, adult())
		workers.Go(func() {
			for range jobs {
				oneSession(b, client, w, adult())
			}
		})
	}
	before := cpuSeconds(b, server)
	b.ResetTimer()
	for range b.N {
		jobs <- struct{}{}
	}
	close(jobs)
	workers.Wait()
	b.StopTimer()
	b.ReportMetric(1000*(cpuSeconds(b, server)-before)/float64(b.N), "server-ms/op")
}

// oneSession does a session and looks at its result.
func oneSession(b *testing.B, client *requestor.Client, w *wallet.Wallet, request *irma.ExtendedRequest) {
	session, err := client.StartSession(b.Context(), request)
	if err == nil {
		_, err = w.Perform(b.Context(), session.SessionPtr)
	}
	if err != nil {
		b.Error(err)
		return
	}
	result, err := client.Result(b.Context(), session.Token)
	if err != nil || result.ProofStatus != irma.ProofValid {
		b.Errorf("result is %+v, %v", result, err)
	}
}

// cpuSeconds returns the processor time that a server has used.
func cpuSeconds(b *testing.B, server *child) float64 {
	b.Helper()
	status, figures := get(b.Context(), server.admin+"/metrics")
	if status != http.StatusOK {
		b.Fatalf("metrics: status %d", status)
	}
	return figure(b, figures, "process_cpu_seconds_total")
}
