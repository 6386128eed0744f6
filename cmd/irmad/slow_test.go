package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// dialSlow opens a connection and writes the beginning of a request.
func dialSlow(t *testing.T, url, text string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// slowKinds are clients that take up connections.
func slowKinds(session string) []string {
	return []string{
		"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", // header without end
		"POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"half\":", // body without end
		"GET /session/" + session + "/statusevents HTTP/1.1\r\nHost: x\r\n\r\n",                                           // reader that does not read
	}
}

// crawl keeps a slow client connected: it sends a byte now and then, and comes
// back when it is thrown out.
func crawl(ctx context.Context, address, text string, up *sync.WaitGroup) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for first := true; ctx.Err() == nil; {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_, err = conn.Write([]byte(text))
		}
		if first {
			up.Done()
			first = false
		}
		for err == nil && ctx.Err() == nil {
			select {
			case <-tick.C:
				_, err = conn.Write([]byte("x"))
			case <-ctx.Done():
			}
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

// Slow clients in large numbers neither fail the sessions of others nor take
// the memory.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const clients, sessions = 2000, 10
	mostMemory := 200.0 * (1 << 20)
	if raceDetector {
		mostMemory *= 4
	}
	requireFiles(t, 2*clients)
	server := launch(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := &demoRequestor{url: server.url + "/", client: http.DefaultClient}
	var session irma.SessionPackage
	if err := r.call(ctx, http.MethodPost, "session", irma.NewDisclosureRequest(demoAttribute), &session); err != nil {
		t.Fatal(err)
	}
	var slow, up sync.WaitGroup
	defer slow.Wait()
	defer cancel()
	kinds := slowKinds(string(session.Token))
	up.Add(clients)
	for i := range clients {
		slow.Go(func() { crawl(ctx, strings.TrimPrefix(server.url, "http://"), kinds[i%len(kinds)], &up) })
	}
	up.Wait()
	awaitText(ctx, server.admin+"/metrics", fmt.Sprintf(`statusevents"} %d`, clients/len(kinds)))
	began := time.Now()
	for range sessions {
		if _, err := doSessions(ctx, server.url+"/"); err != nil {
			t.Errorf("session among slow clients: %v", err)
		}
	}
	_, figures := get(ctx, server.admin+"/metrics")
	memory, streams := figure(t, figures, "process_resident_memory_bytes"), figure(t, figures, `irmad_event_streams{route="session/{requestorToken}/statusevents"}`)
	t.Logf("%d slow clients, %.0f event streams: %d sessions took %v on average, memory %.0f MB",
		clients, streams, 2*sessions, time.Since(began)/(2*sessions), memory/(1<<20))
	if memory > mostMemory {
		t.Errorf("memory is %.0f bytes, want at most %.0f", memory, mostMemory)
	}
	if streams < clients/3 {
		t.Errorf("%.0f event streams, want %d: the test does not do what it says", streams, clients/3)
	}
}

// figure returns the value of a line of metrics.
func figure(t testing.TB, figures, name string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (.*)$`).FindStringSubmatch(figures)
	if found == nil {
		t.Fatalf("no figure %s", name)
	}
	value, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// readAnswer reads the head of an answer, which must come within some seconds.
func readAnswer(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	must(t, resp.Body.Close())
	return resp
}

// Bodies that stop just before their end occupy a bounded amount of memory, and
// those of others are read meanwhile.
func TestStalledLargeBodies(t *testing.T) {
	t.Parallel()
	const clients, size = 24, 99 << 20 / 10
	mostMemory := 600.0 * (1 << 20) // the room for bodies, as much again in garbage, and the server
	if raceDetector {
		mostMemory *= 4
	}
	server := launch(t)
	head := fmt.Sprintf("POST /session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", size+1)
	body := strings.Repeat(" ", size)
	var stalled sync.WaitGroup
	var refused atomic.Int32
	for range clients {
		conn := dialSlow(t, server.url, head)
		defer conn.Close()
		stalled.Go(func() {
			if _, err := io.WriteString(conn, body); err != nil {
				refused.Add(1) // and closed before all of it came
			}
		})
	}
	stalled.Wait()
	if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
		t.Errorf("session among stalled bodies: %v", err)
	}
	_, figures := get(t.Context(), server.admin+"/metrics")
	memory := figure(t, figures, "process_resident_memory_bytes")
	t.Logf("%d bodies of %d bytes, of which %d were refused: memory %.0f MB", clients, size, refused.Load(), memory/(1<<20))
	if memory > mostMemory {
		t.Errorf("memory is %.0f bytes, want at most %.0f", memory, mostMemory)
	}
	if refused.Load() > clients-10 {
		t.Error("the test does not do what it says")
	}
	large := newClient(t, server.url)
	if resp, text := large.request(http.MethodPost, "/session", strings.Repeat(" ", 1<<20)+ageRequest); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more large body: %s %s", resp.Status, text)
	}
}
