package irmaserver_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/store"
	"github.com/irmad/irmaserver/store/memory"
	"github.com/irmad/irmaserver/transport"
)

// returns counts the handlers that are at work.
func returns(working *int) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*working++
			defer func() { *working-- }()
			h.ServeHTTP(w, r)
		})
	}
}

// TestDetachedEvents compares all that a stream writes which goes on after its
// handler has returned.
func TestDetachedEvents(t *testing.T) {
	t.Parallel()
	for _, ch := range channels {
		working := 0
		inVirtualSite(t, virtualConfig{mode: detached, wrap: returns(&working)}, func(t *testing.T, v *virtualSite) {
			session := v.start(0)
			conn, err := v.network.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			request := newRequest(t, "GET", v.url(ch.path(session)), ch.headers(session))
			request.Header.Set("Origin", "https://shop.example")
			if err := request.Write(conn); err != nil {
				t.Fatal(err)
			}
			raw := new(bytes.Buffer)
			response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, raw)), request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			want := http.Header{
				"Access-Control-Allow-Origin": {"*"},
				"Cache-Control":               {"no-cache"},
				"Content-Type":                {"text/event-stream"},
				"Vary":                        {"Origin"},
				"X-Accel-Buffering":           {"no"},
			}
			response.Header.Del("Date")
			if diff := cmp.Diff(want, response.Header, cmp.FilterPath(isConnection, cmp.Ignore())); diff != "" || response.StatusCode != http.StatusOK || !response.Close {
				t.Errorf("%s: %s, closing %t, header (-want +got):\n%s", ch.name, response.Status, response.Close, diff)
			}
			stream := newEvents(t, response)
			stream.want(openFrame)
			synctest.Wait()
			if working != 0 {
				t.Errorf("%s: the handler is still there", ch.name)
			}
			v.connect(session)
			stream.want(ch.frame(irma.StatusConnected), ": ping\n\n")
			if err := v.irma.CancelSession(t.Context(), session.Token); err != nil {
				t.Fatal(err)
			}
			stream.want(ch.frame(irma.StatusCancelled), "")
			if _, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(raw.String(), "\r\n0\r\n\r\n") {
				t.Errorf("%s: %v, the stream does not end with a final chunk and the connection: %q", ch.name, err, raw)
			}
		})
	}
}

func isConnection(path cmp.Path) bool {
	key, ok := path.Last().(cmp.MapIndex)
	return ok && key.Key().String() == "Connection"
}

// watchedStore counts who waits for changes.
type watchedStore struct {
	store.Store
	watchers atomic.Int32
}

func (w *watchedStore) Watch(ctx context.Context, key string, after uint64) (store.Record, error) {
	w.watchers.Add(1)
	defer w.watchers.Add(-1)
	return w.Store.Watch(ctx, key, after)
}

// TestDetachedReaderGone lets readers leave. Their streams end with the next
// heartbeat, also of those who have said something that nobody asked for.
func TestDetachedReaderGone(t *testing.T) {
	t.Parallel()
	for _, says := range []string{"", "GET / HTTP/1.1\r\n"} {
		var watched *watchedStore
		settings := func(c *irmaserver.Config) {
			watched = &watchedStore{Store: memory.New(memory.Config{})}
			c.Store = watched
		}
		inVirtualSite(t, virtualConfig{mode: detached, irma: settings}, func(t *testing.T, v *virtualSite) {
			session := v.start(0)
			conn, err := v.network.dial()
			if err != nil {
				t.Fatal(err)
			}
			if err := newRequest(t, "GET", walletEvents(session), nil).Write(conn); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			stream := newEvents(t, response)
			stream.want(openFrame)
			synctest.Wait()
			before := watched.watchers.Load()
			if says != "" {
				go func() { _, _ = io.WriteString(conn, says) }()
				stream.want(": ping\n\n")
			}
			conn.Close()
			time.Sleep(21 * time.Second)
			if after := watched.watchers.Load(); before != 1 || after != 0 {
				t.Errorf("%d streams watch the session, then %d", before, after)
			}
		})
	}
}

// TestDetachedMiddleware has middleware of others between: streams stay in their
// handlers, where it expects them.
func TestDetachedMiddleware(t *testing.T) {
	t.Parallel()
	working := 0
	wrap := func(h http.Handler) http.Handler {
		return returns(&working)(wrapping(func(w http.ResponseWriter) http.ResponseWriter { return unwrappable{w} })(h))
	}
	inVirtualSite(t, virtualConfig{mode: detached, wrap: wrap}, func(t *testing.T, v *virtualSite) {
		session := v.start(0)
		stream := v.listen(walletEvents(session))
		stream.want(openFrame)
		synctest.Wait()
		if working != 1 {
			t.Errorf("%d handlers are there", working)
		}
		if err := v.irma.CancelSession(t.Context(), session.Token); err != nil {
			t.Fatal(err)
		}
		stream.want(bareFrame(irma.StatusCancelled), "")
	})
}

// TestStreamsClose ends the streams of a server whose sessions go on.
func TestStreamsClose(t *testing.T) {
	t.Parallel()
	for _, mode := range []mode{inHandler, http2} {
		var streams *transport.Streams
		wrap := func(h http.Handler) http.Handler {
			streams = transport.NewStreams()
			return streams.Wrap(h)
		}
		inVirtualSite(t, virtualConfig{mode: mode, wrap: wrap}, func(t *testing.T, v *virtualSite) {
			session := v.start(0)
			var all []*events
			for _, ch := range channels {
				stream := v.listen(v.url(ch.path(session)), ch.headers(session)...)
				stream.want(openFrame)
				all = append(all, stream)
			}
			ended := make(chan error)
			go func() { ended <- streams.Close(t.Context()) }()
			for _, stream := range all {
				stream.want("")
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
			v.listen(walletEvents(session)).want(openFrame, "") // later ones end too
		})
	}
}
