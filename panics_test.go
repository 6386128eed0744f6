package irmaserver_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
)

// panicky is a store, an observer and a network that panic when a test says so, with
// a text that tells what they were given.
type panicky struct {
	store.Store
	http.RoundTripper
	method atomic.Value // that panics next
}

func (p *panicky) in(method, with string) {
	if p.method.CompareAndSwap(method, "") {
		panic(fmt.Sprintf("a mistake in %s of %s", method, with))
	}
}

func (p *panicky) Swap(ctx context.Context, key string, rec store.Record) error {
	p.in("Swap", key)
	return p.Store.Swap(ctx, key, rec)
}

func (p *panicky) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	found, err := p.Store.Watch(ctx, key, after)
	if err == nil {
		p.in("Watch", key)
	}
	return found, err
}

func (p *panicky) Due(ctx context.Context, now time.Time, limit int) ([]string, time.Time, error) {
	p.in("Due", "")
	return p.Store.Due(ctx, now, limit)
}

func (p *panicky) RoundTrip(r *http.Request) (*http.Response, error) {
	p.in("RoundTrip", "")
	return p.RoundTripper.RoundTrip(r)
}

func (p *panicky) Session(context.Context, irmaserver.SessionEvent) { p.in("Session", "") }
func (p *panicky) Crypto(irmaserver.CryptoEvent)                    {}
func (p *panicky) Callback(irmaserver.CallbackEvent)                { p.in("Callback", "") }

// withPanicky has the test's server use a panicky, and log into a book.
func withPanicky(p *panicky, book *logBook) func(*irmaserver.Config) {
	return func(c *irmaserver.Config) {
		p.Store, p.RoundTripper = memory.New(memory.Config{}), c.HTTPClient.Transport
		p.method.Store("")
		c.Store, c.Observer, c.HTTPClient, c.Logger = p, p, &http.Client{Transport: p}, book.logger()
	}
}

// wantPanic checks that a panic was logged, with where it was and without the token.
func wantPanic(t *testing.T, book *logBook, method string, session *irma.SessionPackage) {
	t.Helper()
	log := book.String()
	if !strings.Contains(log, "a mistake in "+method) || !strings.Contains(log, "panics_test.go:") {
		t.Errorf("%s: the log is\n%s", method, log)
	}
	if _, token, _ := strings.Cut(session.SessionPtr.URL, "session/"); strings.Contains(log, token) {
		t.Errorf("%s: the token is in the log:\n%s", method, log)
	}
}

// TestPanicsInBackground has parts of the Config panic where no request of anybody
// would have it recovered: the work is done all the same, later.
func TestPanicsInBackground(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Due", "Swap", "Session", "RoundTrip", "Callback"} {
		t.Run(method, func(t *testing.T) {
			r, p, book := new(receiver), new(panicky), new(logBook)
			inWorld(t, network{"cb": r}, withPanicky(p, book), func(t *testing.T, w *world) {
				session := w.begin(t, disclosing("http://cb/"))
				p.method.Store(method)
				time.Sleep(17 * time.Minute) // it times out after 15
				if status, err := w.Status(t.Context(), session.Token); err != nil || status != irma.StatusTimeout {
					t.Errorf("%s: %s, %v", method, status, err)
				}
				wantOnce(t, r.got(), []*irma.SessionPackage{session})
				if p.method.Load() != "" {
					t.Error("it has not panicked")
				}
				wantPanic(t, book, method, session)
			})
		})
	}
}

// TestPanicInSubscription ends a subscription whose store panics.
func TestPanicInSubscription(t *testing.T) {
	t.Parallel()
	p, book := new(panicky), new(logBook)
	inWorld(t, network{}, withPanicky(p, book), func(t *testing.T, w *world) {
		session := w.begin(t, disclosing(""))
		statuses, err := w.Subscribe(t.Context(), session.Token)
		if err != nil {
			t.Fatal(err)
		}
		<-statuses
		synctest.Wait()
		p.method.Store("Watch")
		if err := w.CancelSession(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
		if status, open := <-statuses; open {
			t.Errorf("status %s after the panic", status)
		}
		wantPanic(t, book, "Watch", session)
	})
}

// TestPanicInDetachedEvents ends a stream whose store panics after its handler has
// returned, in the way that net/http would have, and no other stream.
func TestPanicInDetachedEvents(t *testing.T) {
	t.Parallel()
	p, book := new(panicky), new(logBook)
	settings := func(c *irmaserver.Config) {
		c.HTTPClient = network{}.client()
		withPanicky(p, book)(c)
	}
	inVirtualSite(t, virtualConfig{mode: detached, irma: settings}, func(t *testing.T, v *virtualSite) {
		session, other := v.start(0), v.start(0)
		unharmed := v.listen(walletEvents(other))
		unharmed.want(openFrame)
		conn, err := v.network.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := newRequest(t, "GET", walletEvents(session), nil).Write(conn); err != nil {
			t.Fatal(err)
		}
		raw := new(bytes.Buffer)
		response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, raw)), nil)
		if err != nil {
			t.Fatal(err)
		}
		newEvents(t, response).want(openFrame)
		synctest.Wait()
		p.method.Store("Watch")
		if err := v.irma.CancelSession(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
		if rest, _ := io.ReadAll(conn); len(rest) > 0 || strings.HasSuffix(raw.String(), "\r\n0\r\n\r\n") {
			t.Errorf("the stream ends as if it were complete: %q", raw)
		}
		wantPanic(t, book, "Watch", session)
		if err := v.irma.CancelSession(t.Context(), other.Token); err != nil {
			t.Fatal(err)
		}
		unharmed.want(bareFrame(irma.StatusCancelled), "")
	})
}
