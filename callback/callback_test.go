package callback_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/irmad/irmaserver/callback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver serves h and returns its URL with a path and query that must not be
// told, and a client for it.
func receiver(t *testing.T, h http.HandlerFunc) (string, *callback.Client) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return server.URL + "/secretpath?key=secretquery", &callback.Client{HTTP: &http.Client{Transport: transport}}
}

var message = callback.Message{ContentType: "text/plain; charset=UTF-8", Body: []byte("secretbody"), ID: "17"}

func TestPost(t *testing.T) {
	t.Parallel()
	type request struct{ Method, URI, Body, ContentType, Key, Agent string }
	var got request
	url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		h := r.Header
		got = request{r.Method, r.RequestURI, string(body), h.Get("Content-Type"), h.Get("Idempotency-Key"), h.Get("User-Agent")}
		w.WriteHeader(http.StatusAccepted)
	})
	m := message
	m.URL = url
	answer, err := client.Post(t.Context(), m)
	if err != nil || !answer.Accepted() || answer.Permanent() {
		t.Fatalf("%+v, %v", answer, err)
	}
	want := request{"POST", "/secretpath?key=secretquery", "secretbody", "text/plain; charset=UTF-8", "17", "irmaserver"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	m.ID = ""
	if _, err := client.Ask(t.Context(), m); err != nil || got.Key != "" {
		t.Errorf("key %q, %v", got.Key, err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	type verdict struct{ Accepted, Permanent bool }
	accepted, permanent, again := verdict{true, false}, verdict{false, true}, verdict{}
	for status, want := range map[int]verdict{
		200: accepted, 201: accepted, 202: accepted, 204: accepted,
		302: permanent, 304: permanent, 400: permanent, 401: permanent, 403: permanent, 410: permanent, 422: permanent,
		404: again, 408: again, 425: again, 429: again, 500: again, 502: again, 503: again, 504: again,
	} {
		a := callback.Answer{Status: status}
		if got := (verdict{a.Accepted(), a.Permanent()}); got != want {
			t.Errorf("%d: %+v", status, got)
		}
	}
}

// TestAnswerBody checks that a body matters only to Ask.
func TestAnswerBody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer http.HandlerFunc
		body   string
		err    string
	}{
		"none":     {answer: func(http.ResponseWriter, *http.Request) {}},
		"some":     {answer: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }, body: "hello"},
		"longest":  {answer: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<20)) }, body: strings.Repeat("x", 1<<20)},
		"too long": {answer: func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 1<<20+1)) }, err: "longer than 1048576 bytes"},
		"cut off": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "secretanswer")
		}, err: "unexpected EOF"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message
			var client *callback.Client
			m.URL, client = receiver(t, test.answer)
			if answer, err := client.Post(t.Context(), m); err != nil || answer.Status != 200 || answer.Body != nil {
				t.Errorf("Post: %+v, %v", answer, err)
			}
			answer, err := client.Ask(t.Context(), m)
			if test.err != "" {
				if wantRedacted(t, err, test.err); answer == nil || answer.Status != 200 {
					t.Errorf("answer is %+v", answer)
				}
			} else if err != nil || string(answer.Body) != test.body {
				t.Errorf("Ask: %v", err)
			}
		})
	}
}

// wantRedacted checks an error's text: it has want, and no secrets.
func wantRedacted(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
		t.Errorf("error is %v, want it to have %q and no secrets", err, want)
	}
}

// TestErrors checks that errors tell what is wrong without the URL, the message
// and the receiver's words.
func TestErrors(t *testing.T) {
	t.Parallel()
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			io.WriteString(conn, text)
			conn.Close()
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"closed":           {raw(""), "EOF"},
		"not HTTP":         {raw("secretline\r\n\r\n"), "malformed HTTP response"},
		"malformed status": {raw("HTTP/1.1 2secret0 OK\r\n\r\n"), "malformed HTTP status code"},
		"malformed header": {raw("HTTP/1.1 200 OK\r\nsecretheader\r\n\r\n"), "127.0.0.1"},
		"bad redirect":     {raw("HTTP/1.1 307 x\r\nLocation: ://secretlocation\r\nContent-Length: 0\r\n\r\n"), "failed to parse Location header"},
		"encoding":         {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: secretencoding\r\n\r\n"), "127.0.0.1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message
			var client *callback.Client
			m.URL, client = receiver(t, test.answer)
			_, err := client.Post(t.Context(), m)
			wantRedacted(t, err, test.want)
		})
	}
	t.Run("bad URL", func(t *testing.T) {
		t.Parallel()
		_, err := new(callback.Client).Post(t.Context(), callback.Message{URL: "http://[secret/secretpath"})
		wantRedacted(t, err, "the URL is not valid")
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		server.Close()
		_, err := new(callback.Client).Post(t.Context(), callback.Message{URL: server.URL + "/secretpath"})
		wantRedacted(t, err, "refused")
	})
	t.Run("too slow", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		url, client := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		})
		_, err := client.Post(ctx, callback.Message{URL: url})
		wantRedacted(t, err, "context canceled")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v is not the context's error", err)
		}
	})
}

// TestRedirects follows only what keeps the POST.
func TestRedirects(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{301: 301, 302: 302, 303: 303, 307: 204, 308: 204} {
		var target http.Request
		m := message
		var client *callback.Client
		m.URL, client = receiver(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/secretpath") {
				http.Redirect(w, r, "/elsewhere", status)
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != "secretbody" || r.Header.Get("Idempotency-Key") != "17" {
				t.Errorf("%d: %s %q %v", status, r.Method, body, err)
			}
			target = *r
			w.WriteHeader(http.StatusNoContent)
		})
		answer, err := client.Post(t.Context(), m)
		if err != nil || answer.Status != want {
			t.Errorf("%d: %+v, %v", status, answer, err)
		}
		if referer := target.Header.Get("Referer"); referer != "" {
			t.Errorf("%d: the target learns %q", status, referer)
		}
	}
	t.Run("loop", func(t *testing.T) {
		t.Parallel()
		count := 0
		url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			count++
			http.Redirect(w, r, "/loop", http.StatusPermanentRedirect)
		})
		answer, err := client.Post(t.Context(), callback.Message{URL: url})
		if err != nil || !answer.Permanent() || count > 10 {
			t.Errorf("%+v, %v after %d requests", answer, err, count)
		}
	})
	t.Run("the client's own rule", func(t *testing.T) {
		t.Parallel()
		no := errors.New("not there")
		url, client := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		})
		client.HTTP.CheckRedirect = func(*http.Request, []*http.Request) error { return no }
		if _, err := client.Post(t.Context(), callback.Message{URL: url}); !errors.Is(err, no) {
			t.Errorf("got %v", err)
		}
	})
}

// TestRedirectElsewhere follows redirects only to the same host, never from https
// to http; others are the answer, and nobody else sees the message.
func TestRedirectElsewhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		follow   bool
	}{
		{"https://h/a", "https://h/b", true},
		{"https://h/a", "https://H:443/b", true},
		{"https://h/a", "/b", true},
		{"http://h/a", "http://h:80/b", true},
		{"http://h/a", "https://h/b", true},
		{"http://h:8080/a", "https://h:8443/b", true},
		{"https://h/a", "http://h/b", false},
		{"https://h/a", "http://h:443/b", false},
		{"https://h/a", "https://other/b", false},
		{"https://h/a", "https://h.other/b", false},
		{"https://h/a", "//other/b", false},
		{"https://h/a", "https://h:8443/b", false},
		{"http://h/a", "http://h:8080/b", false},
		{"http://h/a", "http://127.0.0.1/b", false},
		{"http://h/a", "https://other/b", false},
	}
	for _, test := range tests {
		for _, status := range []int{307, 308} {
			requests := 0
			client := callback.Client{HTTP: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				requests++
				w := httptest.NewRecorder()
				if requests == 1 {
					w.Header().Set("Location", test.to)
					w.WriteHeader(status)
				}
				response := w.Result()
				response.Request = r
				return response, nil
			})}}
			m := message
			m.URL = test.from
			answer, err := client.Post(t.Context(), m)
			if err != nil || answer.Accepted() != test.follow || answer.Permanent() == test.follow || requests == 2 != test.follow {
				t.Errorf("%d from %s to %s: %+v, %v after %d requests", status, test.from, test.to, answer, err, requests)
			}
		}
	}
}

// TestRedirectDowngrade makes a chain that ends without TLS: it is followed up to
// there.
func TestRedirectDowngrade(t *testing.T) {
	t.Parallel()
	var visited []string
	client := callback.Client{HTTP: &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		visited = append(visited, r.URL.String())
		w := httptest.NewRecorder()
		w.Header().Set("Location", []string{"https://h/b", "/c", "http://h/d"}[len(visited)-1])
		w.WriteHeader(http.StatusTemporaryRedirect)
		return w.Result(), nil
	})}}
	m := message
	m.URL = "http://h/a"
	answer, err := client.Post(t.Context(), m)
	if err != nil || answer.Status != http.StatusTemporaryRedirect {
		t.Errorf("%+v, %v", answer, err)
	}
	if diff := cmp.Diff([]string{"http://h/a", "https://h/b", "https://h/c"}, visited); diff != "" {
		t.Errorf("visited (-want +got):\n%s", diff)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"120":                            2 * time.Minute,
		"86400":                          24 * time.Hour,
		"-1":                             0,
		"1.5":                            0,
		"99999999999999999999":           0,
		"soon":                           0,
		"Sun, 22 Nov 2026 12:00:30 GMT":  30 * time.Second,
		"Sun, 22 Nov 2026 11:00:00 GMT":  0,
		"Sunday, 22-Nov-26 12:01:00 GMT": time.Minute,
	} {
		url, client := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		client.Now = func() time.Time { return now }
		answer, err := client.Post(t.Context(), callback.Message{URL: url})
		if err != nil || answer.RetryAfter != want {
			t.Errorf("%q: %v, %v; want %v", value, answer, err, want)
		}
	}
}
