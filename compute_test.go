package irmaserver_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
)

// rush does sessions at a server whose computations take two seconds each,
// one at a time: while slow is on, everything that asks for the time does.
type rush struct {
	*virtualSite
	slow *atomic.Bool

	all     sync.WaitGroup
	mu      sync.Mutex // guards refused
	refused []*irma.SessionPackage
	served  map[string]int // by requestor
}

func inRush(t *testing.T, observer irmaserver.Observer, test func(*rush)) {
	t.Helper()
	slow := new(atomic.Bool)
	cfg := virtualConfig{irma: func(c *irmaserver.Config) {
		c.CryptoWorkers, c.Observer = 1, observer
		c.Now = func() time.Time {
			if slow.Load() {
				time.Sleep(2 * time.Second)
			}
			return time.Now()
		}
	}}
	inVirtualSite(t, cfg, func(t *testing.T, v *virtualSite) {
		test(&rush{virtualSite: v, slow: slow, served: make(map[string]int)})
	})
}

// connected returns a session that waits for its proofs.
func (c *rush) connected(requestor string) *irma.SessionPackage {
	c.t.Helper()
	session, err := c.irma.StartSessionFor(c.t.Context(), requestor, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.connect(session)
	return session
}

// send posts proofs.
func (c *rush) send(session *irma.SessionPackage) reply {
	r, err := http.NewRequestWithContext(c.t.Context(), "POST", session.SessionPtr.URL+"/proofs", strings.NewReader(`{"proofs":[],"indices":[]}`))
	if err != nil {
		c.t.Error(err)
		return reply{}
	}
	r.Header.Set("Authorization", "wallet")
	response, err := c.client.Do(r)
	if err != nil {
		c.t.Error(err)
		return reply{}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Error(err)
	}
	return reply{status: response.StatusCode, header: response.Header, body: string(body)}
}

// prove posts proofs, which are counted as served or refused.
func (c *rush) prove(requestor string, session *irma.SessionPackage) {
	got := c.send(session)
	c.mu.Lock()
	defer c.mu.Unlock()
	if got.status == http.StatusOK {
		c.served[requestor]++
		return
	}
	c.refused = append(c.refused, session)
	wantError(c.t, got, irma.ErrUnavailable, "more proofs to verify")
	if seconds, err := strconv.Atoi(got.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 12 {
		c.t.Errorf("Retry-After: %s", got.header.Get("Retry-After"))
	}
}

// TestOverload has one requestor's wallets post more proofs at once than can be
// verified while they wait. Most learn that at once, and when to come back;
// another requestor's wallet is served; and the sessions of those refused go on.
func TestOverload(t *testing.T) {
	t.Parallel()
	seen := new(witness)
	inRush(t, seen, func(c *rush) {
		first, other := c.connected("flood"), c.connected("other")
		var flood []*irma.SessionPackage
		for range 16 {
			flood = append(flood, c.connected("flood"))
		}
		c.slow.Store(true)
		c.prove("flood", first) // so that it is known how long that takes
		for _, session := range flood {
			c.all.Go(func() { c.prove("flood", session) })
		}
		synctest.Wait()
		time.Sleep(5 * time.Second) // all have been looked at
		c.all.Go(func() { c.prove("other", other) })
		c.all.Wait()
		c.slow.Store(false)

		if diff := cmp.Diff(irmaserver.CryptoStats{}, c.irma.CryptoStats()); diff != "" {
			c.t.Errorf("afterwards (-want +got):\n%s", diff)
		}
		if c.served["other"] != 1 || c.served["flood"] < 3 || len(c.refused) < 8 {
			c.t.Errorf("served %v, refused %d", c.served, len(c.refused))
		}
		again := c.refused
		c.refused = nil
		for _, session := range again {
			if status, err := c.irma.Status(c.t.Context(), session.Token); err != nil || status != irma.StatusConnected {
				c.t.Errorf("a refused session is %s, %v", status, err)
			}
			c.prove("flood", session)
		}
		if len(c.refused) > 0 {
			c.t.Errorf("%d refused when there was time", len(c.refused))
		}
	})
	shed := 0
	for _, event := range seen.crypto {
		if event.Shed {
			shed++
			if !event.Failed || event.Took != 0 || event.Waited != 0 {
				t.Errorf("shed: %+v", event)
			}
		}
	}
	if shed < 8 {
		t.Errorf("%d computations were refused as they came", shed)
	}
}

// TestTwins posts to one session more often than is worked on at once: whatever
// somebody sends, it takes a bounded amount of memory.
func TestTwins(t *testing.T) {
	t.Parallel()
	inRush(t, nil, func(c *rush) {
		session := c.connected("")
		c.slow.Store(true)
		var answered, refused atomic.Int64
		for range 300 {
			c.all.Go(func() {
				got := c.send(session)
				switch {
				case got.status == http.StatusOK:
					answered.Add(1)
				case strings.Contains(got.body, "earlier messages of this session are"):
					refused.Add(1)
				case got.status != http.StatusServiceUnavailable: // some wait in vain
					c.t.Errorf("got %d %s", got.status, got.body)
				}
			})
		}
		c.all.Wait()
		if refused.Load() != 44 || answered.Load() == 0 {
			c.t.Errorf("%d refused as they came, %d answered; want 44, and some", refused.Load(), answered.Load())
		}
	})
}
