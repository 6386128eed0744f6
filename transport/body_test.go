package transport_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/transport"
)

// TestSlowLargeBodies has many senders of large bodies take their time: others get
// theirs read all the same.
func TestSlowLargeBodies(t *testing.T) {
	t.Parallel()
	h := transport.NewRequestor(transport.RequestorConfig{Signed: signed{}})
	large := strings.Repeat(" ", 100<<10)
	post := func(body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/session", body)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	var ends []*io.PipeWriter
	done := make(chan int)
	for range 40 {
		from, to := io.Pipe()
		ends = append(ends, to)
		go func() { done <- post(from).Code }()
		if _, err := io.WriteString(to, large); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range []string{large, strings.Repeat(" ", 1<<20), "{}"} {
		if got := post(strings.NewReader(body)); got.Code != http.StatusBadRequest {
			t.Errorf("%d bytes: %d %s", len(body), got.Code, got.Body)
		}
	}
	for _, to := range ends {
		if err := to.Close(); err != nil {
			t.Error(err)
		}
		if code := <-done; code != http.StatusBadRequest {
			t.Errorf("slow: %d", code)
		}
	}
}

// TestLargeOptions sends a frontend's options that nobody would: they are refused
// before they have come.
func TestLargeOptions(t *testing.T) {
	t.Parallel()
	h := transport.NewClient(transport.ClientConfig{Wallet: deserted{}, Frontend: desertedFrontend{}, Static: noStatic{}})
	from, to := io.Pipe()
	defer to.Close()
	go func() { _, _ = io.WriteString(to, strings.Repeat(" ", 10<<10)) }() // and then nothing
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/session/abcdefghijklmnopqrst/frontend/options", from))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "request body too large") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	_ = from.Close()
}

// TestRefusedByHeader answers a request whose body never comes.
func TestRefusedByHeader(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(transport.NewRequestor(transport.RequestorConfig{Signed: signed{}}))
	defer server.Close()
	for name, header := range map[string]string{
		"content type":  "Content-Type: text/html\r\n",
		"authorization": "Content-Type: application/json\r\nAuthorization: somebody\r\n",
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"+header+"\r\n{"); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || !resp.Close {
			t.Errorf("%s: %s, closed is %v", name, resp.Status, resp.Close)
		}
	}
}

// TestRefusedByHeaderHTTP2 refuses one request of a connection: its answer comes
// complete, and the connection stays for others.
func TestRefusedByHeaderHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(transport.NewRequestor(transport.RequestorConfig{Signed: signed{}}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	var reused []bool
	for range 2 {
		trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) }}
		body, end := io.Pipe() // nothing comes
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, server.URL+"/session", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/html")
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil || resp.ProtoMajor != 2 || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "Unsupported Content-Type") {
			t.Errorf("%s %s %q, %v", resp.Proto, resp.Status, text, err)
		}
		_ = resp.Body.Close()
		_ = end.Close()
	}
	if diff := cmp.Diff([]bool{false, true}, reused); diff != "" {
		t.Errorf("connection used before (-want +got):\n%s", diff)
	}
}
