package redis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/internal/redistest"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest"
	"github.com/irmad/irmaserver/irmatest/wallet"
	"github.com/irmad/irmaserver/store/redis"
)

// TestServers has a session at one server while another one tells about it.
func TestServers(t *testing.T) {
	t.Parallel()
	redisServer := redistest.Start(t)
	server := func() *irmatest.Server {
		sessions := open(t, connect(redisServer), redis.Options{})
		return irmatest.NewServer(t, func(c *irmaserver.Config) { c.Store = sessions })
	}
	a, b := server(), server()
	session, err := a.Irma.StartSession(t.Context(), irma.NewIssuanceRequest(irma.CredentialRequest{
		CredentialTypeID: "irmad-demo.gov.ageLimits",
		Attributes:       map[string]string{"over12": "yes", "over16": "yes", "over18": "yes", "over21": "yes"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	statuses, err := b.Irma.Subscribe(t.Context(), session.Token)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan *irma.SessionResult)
	go func() {
		defer close(ended)
		result, err := b.Irma.WaitResult(t.Context(), session.Token)
		if err != nil {
			t.Error(err)
			return
		}
		ended <- result
	}()
	w := a.NewWallet(t, wallet.Config{})
	if _, err := w.Perform(t.Context(), session.SessionPtr); err != nil {
		t.Fatal(err)
	}
	var seen []irma.Status
	for status := range statuses {
		seen = append(seen, status)
	}
	want := []irma.Status{irma.StatusInitialized, irma.StatusConnected, irma.StatusDone}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if result := <-ended; result == nil || result.Status != irma.StatusDone || result.ProofStatus != irma.ProofValid {
		t.Errorf("result is %+v, want a valid one", result)
	}
}
