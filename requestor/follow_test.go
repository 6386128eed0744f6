package requestor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/irmad/irmaserver/irma"
	"github.com/irmad/irmaserver/requestor"
)

// script is a server whose answers depend on the time since it began.
type script struct {
	start  time.Time
	polls  int
	status func(after time.Duration) (irma.Status, error) // what a poll gives
	stream func(ctx context.Context, w io.Writer) error   // what writes events; nil for a server without
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := func(status int, kind string, body io.ReadCloser) *http.Response {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {kind}}, Body: body}
	}
	text := func(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }
	if !strings.HasSuffix(req.URL.Path, "/statusevents") {
		s.polls++
		status, err := s.status(time.Since(s.start))
		if problem := irma.AsError(err); problem != nil {
			return answer(problem.Status, "application/json", text(fmt.Sprintf(`{"error":%q}`, problem.Name))), nil
		}
		return answer(http.StatusOK, "application/json", text(fmt.Sprintf("%q", status))), err
	}
	if s.stream == nil {
		return answer(http.StatusInternalServerError, "application/json", text(`{"error":"SSE_DISABLED"}`)), nil
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(s.stream(req.Context(), writer)) }()
	return answer(http.StatusOK, "text/event-stream", reader), nil
}

// statusAt tells statuses by the second from which they hold.
func statusAt(from map[int]irma.Status) func(time.Duration) (irma.Status, error) {
	return func(after time.Duration) (status irma.Status, _ error) {
		for second := range 1 + int(after.Seconds()) {
			if s, found := from[second]; found {
				status = s
			}
		}
		return status, nil
	}
}

// waiting returns a stream that writes a text and then stays open.
func waiting(after time.Duration, text string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		if err := sleep(ctx, after); err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	usual := map[int]irma.Status{0: irma.StatusInitialized, 3: irma.StatusConnected, 7: irma.StatusDone}
	for name, tt := range map[string]struct {
		script script
		want   []irma.Status
		took   time.Duration
		polls  int // at most
		err    error
	}{
		"polling": {
			script: script{status: statusAt(usual)},
			want:   []irma.Status{irma.StatusInitialized, irma.StatusConnected, irma.StatusDone},
			took:   7 * time.Second, polls: 9,
		},
		"over within a second": {
			script: script{status: statusAt(map[int]irma.Status{0: irma.StatusDone})},
			want:   []irma.Status{irma.StatusDone}, polls: 1,
		},
		"cancelled before a wallet came": {
			script: script{status: statusAt(map[int]irma.Status{0: irma.StatusInitialized, 1: irma.StatusCancelled})},
			want:   []irma.Status{irma.StatusInitialized, irma.StatusCancelled},
			took:   time.Second, polls: 3,
		},
		"events": {
			script: script{status: statusAt(usual), stream: waiting(7*time.Second, "event: open\n\n: ping\n\ndata: \"DONE\"\n\n")},
			want:   []irma.Status{irma.StatusInitialized, irma.StatusDone},
			took:   7 * time.Second, polls: 2,
		},
		"nonsense in the stream": {
			script: script{status: statusAt(usual), stream: waiting(5*time.Second, "data: {}\n\ndata\ndata: \"INITIALIZED\"\n\ndata: \"BETTER\"\n\ndata: \"CONNECTED\"\n\n")},
			want:   []irma.Status{irma.StatusInitialized, irma.StatusConnected, irma.StatusDone},
			took:   15 * time.Second, polls: 3,
		},
		"stream that is held up": {
			script: script{status: statusAt(usual), stream: waiting(time.Hour, "")},
			want:   []irma.Status{irma.StatusInitialized, irma.StatusDone},
			took:   10 * time.Second, polls: 3,
		},
		"stream that breaks": {
			script: script{status: statusAt(usual), stream: func(ctx context.Context, _ io.Writer) error {
				return errors.Join(sleep(ctx, 5*time.Second), io.ErrUnexpectedEOF)
			}},
			want: []irma.Status{irma.StatusInitialized, irma.StatusConnected, irma.StatusDone},
			took: 7 * time.Second, polls: 5,
		},
		"server away for a while": {
			script: script{status: func(after time.Duration) (irma.Status, error) {
				if after < 3*time.Second {
					return "", io.ErrUnexpectedEOF
				}
				return irma.StatusTimeout, nil
			}},
			want: []irma.Status{irma.StatusTimeout},
			took: 3 * time.Second, polls: 4,
		},
		"server gone": {
			script: script{status: func(time.Duration) (irma.Status, error) { return "", io.ErrUnexpectedEOF }},
			took:   5 * time.Second, polls: 5, err: io.ErrUnexpectedEOF,
		},
		"session unknown": {
			script: script{status: func(time.Duration) (irma.Status, error) { return "", irma.ErrSessionUnknown }},
			polls:  1, err: irma.ErrSessionUnknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt.script.start = time.Now()
				client := &requestor.Client{URL: "http://irma.example", HTTPClient: &http.Client{Transport: &tt.script}}
				var got []irma.Status
				var failure error
				for status, err := range client.Statuses(t.Context(), "token") {
					if failure = err; err == nil {
						got = append(got, status)
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("statuses (-want +got):\n%s", diff)
				}
				if !errors.Is(failure, tt.err) {
					t.Errorf("got error %v, want %v", failure, tt.err)
				}
				if took := time.Since(tt.script.start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if tt.script.polls > tt.polls {
					t.Errorf("asked %d times, want at most %d", tt.script.polls, tt.polls)
				}
			})
		})
	}
}

// TestStatusesStopped is about callers that have seen enough: nothing stays.
func TestStatusesStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{start: time.Now(), status: statusAt(map[int]irma.Status{0: irma.StatusInitialized}), stream: waiting(0, "event: open\n\n")}
		client := &requestor.Client{URL: "http://irma.example", HTTPClient: &http.Client{Transport: s}}
		for range client.Statuses(t.Context(), "token") {
			break
		}
	})
}

// panicky is a network that panics where event streams are asked for.
type panicky struct{ *script }

func (p panicky) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/statusevents") {
		panic("a mistake in RoundTrip")
	}
	return p.script.RoundTrip(req)
}

// A panic of the client while the stream is read is one of the loop.
func TestStatusesPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{start: time.Now(), status: statusAt(map[int]irma.Status{0: irma.StatusInitialized, 2: irma.StatusDone})}
		client := &requestor.Client{URL: "http://irma.example", HTTPClient: &http.Client{Transport: panicky{s}}}
		defer func() {
			if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "a mistake in RoundTrip") {
				t.Errorf("recovered %v", err)
			}
		}()
		for range client.Statuses(t.Context(), "token") {
		}
		t.Error("no panic")
	})
}
