package irmaserver_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/irmad/irmaserver"
	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/irmatest/wallet"
)

func benchServer(b *testing.B) *irmaserver.Server {
	b.Helper()
	s, err := irmaserver.New(irmaserver.Config{Schemes: demoSchemes(b), URL: "http://localhost/irma/"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(b.Context()); err != nil && b.Context().Err() == nil {
			b.Error(err)
		}
	})
	return s
}

// serve sends a request to a handler, without a network.
func serve(b *testing.B, h http.Handler, method, path string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w
}

// BenchmarkStartSession starts sessions over the requestor API.
func BenchmarkStartSession(b *testing.B) {
	h := benchServer(b).RequestorHandler()
	body := []byte(discloseOver18)
	b.ReportAllocs()
	for b.Loop() {
		serve(b, h, "POST", "/session", body, "Content-Type", "application/json")
	}
}

// BenchmarkStatus reads the status of one of many live sessions, as a polling
// frontend does.
func BenchmarkStatus(b *testing.B) {
	for _, live := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("live=%d", live), func(b *testing.B) {
			s := benchServer(b)
			var session *irma.SessionPackage
			for range live {
				session = startBenchSession(b, s)
			}
			h := s.RequestorHandler()
			path := "/session/" + string(session.Token) + "/status"
			b.ReportAllocs()
			for b.Loop() {
				serve(b, h, "GET", path, nil)
			}
		})
	}
}

func startBenchSession(b *testing.B, s *irmaserver.Server) *irma.SessionPackage {
	session, err := s.StartSession(b.Context(), irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
	if err != nil {
		b.Fatal(err)
	}
	return session
}

// BenchmarkLiveSessionMemory reports the heap that a live session takes.
func BenchmarkLiveSessionMemory(b *testing.B) {
	const live = 100_000
	for b.Loop() {
		s := benchServer(b)
		before := heap()
		for range live {
			startBenchSession(b, s)
		}
		b.ReportMetric(float64(heap()-before)/live, "B/session")
		runtime.KeepAlive(s)
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// local sends a wallet's requests straight to a handler, and counts nothing:
// with hold set it keeps the final POST instead.
type local struct {
	handler http.Handler
	hold    bool
	held    *http.Request
	body    []byte
}

func (l *local) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.hold && r.Method == http.MethodPost {
		l.held = r
		var err error
		if l.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody}, nil // an error would have it sent again
	}
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	l.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// benchSession measures what the server does for a session: starting it,
// answering the wallet's final message, giving the result. The wallet's own work
// is not counted, nor is its first request, which it does on its own.
func benchSession(b *testing.B, request irma.Request) {
	s := benchServer(b)
	link := &local{handler: s.Handler()}
	w, err := wallet.New(demoSchemes(b), wallet.Config{HTTPClient: &http.Client{Transport: link}})
	if err != nil {
		b.Fatal(err)
	}
	first, err := s.StartSession(b.Context(), irma.NewIssuanceRequest(ageLimits))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.Perform(b.Context(), first.SessionPtr); err != nil {
		b.Fatal(err)
	}
	link.hold = true
	link.handler = keepOpen{s.Handler()}
	b.ReportAllocs()
	for b.Loop() {
		session, err := s.StartSession(b.Context(), request)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_, _ = w.Perform(b.Context(), session.SessionPtr) // ends at the held message
		b.StartTimer()
		serve(b, s.Handler(), "POST", link.held.URL.Path, link.body, "Authorization", link.held.Header.Get("Authorization"))
		result, err := s.Result(b.Context(), session.Token)
		if err != nil || result.ProofStatus != irma.ProofValid {
			b.Fatalf("got %+v, %v", result, err)
		}
	}
}

// keepOpen swallows the cancellation by a wallet whose message was held.
type keepOpen struct{ http.Handler }

func (k keepOpen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodDelete {
		k.Handler.ServeHTTP(w, r)
	}
}

// BenchmarkDisclosure is the server's side of disclosing one of four
// attributes, with a key of 2048 bits.
func BenchmarkDisclosure(b *testing.B) {
	benchSession(b, irma.NewDisclosureRequest("irmad-demo.gov.ageLimits.over18"))
}

// BenchmarkIssuance is the server's side of issuing four attributes, with a key
// of 2048 bits.
func BenchmarkIssuance(b *testing.B) {
	benchSession(b, irma.NewIssuanceRequest(ageLimits))
}
