package irmaserver_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/transport"
)

// openStreams is how many streams the benchmarks hold open.
const openStreams = 10_000

// BenchmarkEventStreams opens event streams of as many sessions, and changes
// some sessions one after the other, then all others as fast as possible. It
// reports memory and goroutines per stream, those of net/http included, and
// apart what they are without it; and the time from before a change until its
// event is written, in peace and in the rush.
func BenchmarkEventStreams(b *testing.B) {
	const peaceful = openStreams / 10
	for b.Loop() {
		s := benchServer(b)
		sessions := make([]*irma.SessionPackage, openStreams)
		paths := make([]string, openStreams)
		for i := range sessions {
			sessions[i] = startBenchSession(b, s)
			paths[i] = "/irma/session/" + clientTokenOf(sessions[i]) + "/statusevents"
		}
		bare := openAll(b, http.HandlerFunc(waitOnly), paths)
		bare.close()
		streams := openAll(b, transport.NewStreams().Wrap(s.Handler()), paths)
		b.ReportMetric(streams.bytes, "B/stream")
		b.ReportMetric(streams.bytes-bare.bytes, "own-B/stream")
		b.ReportMetric(streams.goroutines, "goroutines/stream")
		b.ReportMetric(streams.goroutines-bare.goroutines, "own-goroutines/stream")

		changed := make([]time.Time, openStreams)
		for i, session := range sessions {
			changed[i] = time.Now()
			if err := s.CancelSession(b.Context(), session.Token); err != nil {
				b.Fatal(err)
			}
			if i < peaceful {
				<-streams.clients[i].told
			}
		}
		delays := make([]time.Duration, openStreams)
		for i, client := range streams.clients {
			<-client.told
			delays[i] = client.at.Sub(changed[i])
		}
		streams.close()
		reportDelays(b, delays[:peaceful], "peace")
		reportDelays(b, delays[peaceful:], "rush")
		b.ReportMetric(0, "ns/op") // of no interest
	}
}

func reportDelays(b *testing.B, delays []time.Duration, when string) {
	slices.Sort(delays)
	for _, percent := range []int{50, 99} {
		delay := delays[len(delays)*percent/100]
		b.ReportMetric(float64(delay.Nanoseconds())/1000, fmt.Sprintf("%s-p%d-µs", when, percent))
	}
}

func clientTokenOf(session *irma.SessionPackage) string {
	url := session.SessionPtr.URL
	return url[len(url)-20:]
}

// waitOnly is what net/http takes for a stream that does nothing.
func waitOnly(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, openFrame)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// crowd is many clients of one HTTP server, each with an open stream.
type crowd struct {
	clients    []*client
	bytes      float64 // of heap and stacks per stream
	goroutines float64 // per stream
	close      func()
}

func openAll(b *testing.B, h http.Handler, paths []string) *crowd {
	b.Helper()
	network := &pipes{waiting: make(chan net.Conn), closed: make(chan struct{})}
	front := &http.Server{Handler: h}
	var serving sync.WaitGroup
	serving.Go(func() { _ = front.Serve(network) })
	c := &crowd{clients: make([]*client, len(paths))}
	requests := make([][]byte, len(paths))
	for i, path := range paths {
		requests[i] = []byte("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
	}
	memory, goroutines := memoryInUse(), runtime.NumGoroutine()
	var opened sync.WaitGroup
	opened.Add(len(paths))
	for i := range paths {
		c.clients[i] = &client{request: requests[i], opened: &opened, told: make(chan struct{}), gone: make(chan struct{}), wake: make(chan struct{}, 1)}
		network.waiting <- c.clients[i]
	}
	opened.Wait()
	c.bytes = float64(memoryInUse()-memory) / float64(len(paths))
	c.goroutines = float64(runtime.NumGoroutine()-goroutines) / float64(len(paths))
	c.close = func() {
		_ = front.Close()
		serving.Wait()
		for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
			runtime.Gosched()
		}
	}
	return c
}

func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC() // the first one may have begun too early
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

// client is the server's end of a connection to a client without a goroutine or
// buffers, so that what is measured is the server's.
type client struct {
	request    []byte
	opened     *sync.WaitGroup // counts those without an open stream
	told       chan struct{}   // closed at the first status
	at         time.Time       // of that
	state      atomic.Int32    // 0, then 1 when open, then 2 when told
	gone, wake chan struct{}
	once       sync.Once
}

// Read gives the request, and then waits like a client does.
func (c *client) Read(buffer []byte) (int, error) {
	if n := copy(buffer, c.request); n > 0 {
		c.request = c.request[n:]
		return n, nil
	}
	select {
	case <-c.wake:
		return 0, os.ErrDeadlineExceeded
	case <-c.gone:
		return 0, io.EOF
	}
}

func (c *client) Write(data []byte) (int, error) {
	if bytes.Contains(data, []byte(openFrame)) && c.state.CompareAndSwap(0, 1) {
		c.opened.Done()
	}
	if bytes.Contains(data, []byte("data: ")) && c.state.CompareAndSwap(1, 2) {
		c.at = time.Now()
		close(c.told)
	}
	return len(data), nil
}

// SetReadDeadline interrupts a Read when the deadline has passed; net/http sets
// no other.
func (c *client) SetReadDeadline(deadline time.Time) error {
	if !deadline.IsZero() && time.Now().After(deadline) {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

func (c *client) Close() error {
	c.once.Do(func() { close(c.gone) })
	return nil
}

func (c *client) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *client) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *client) SetDeadline(time.Time) error      { return nil }
func (c *client) SetWriteDeadline(time.Time) error { return nil }
