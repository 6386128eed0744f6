package callback_test

import (
	"bufio"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/irmad/irmaserver/callback"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzAnswer reads any bytes as a receiver's answer: nothing panics, waits are
// not negative and errors do not repeat what was received.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nRetry-After: 5\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("HTTP/1.1 503 x\r\nRetry-After: Sun, 22 Nov 2026 12:00:30 GMT\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 307 x\r\nLocation: ://MARK\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nMARK\r\n"))
	f.Add([]byte("MARK\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		client := callback.Client{
			Now: func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) },
			HTTP: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				return http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), r)
			})},
		}
		for _, post := range []func() (*callback.Answer, error){
			func() (*callback.Answer, error) { return client.Post(t.Context(), callback.Message{URL: "http://h/x"}) },
			func() (*callback.Answer, error) { return client.Ask(t.Context(), callback.Message{URL: "http://h/x"}) },
		} {
			answer, err := post()
			if err != nil {
				if strings.Contains(err.Error(), "MARK") {
					t.Errorf("error %v repeats the answer", err)
				}
				continue
			}
			if answer.RetryAfter < 0 || callback.Backoff(1, answer.RetryAfter) > time.Hour {
				t.Errorf("Retry-After %v", answer.RetryAfter)
			}
		}
	})
}
