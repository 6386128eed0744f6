package requestor

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/irmad/irmaserver/internal/caught"
	"github.com/irmad/irmaserver/irma"
)

const (
	pollInterval  = time.Second      // without an event stream
	checkInterval = 10 * time.Second // with one, which a proxy may hold up
	maxFailures   = 5                // in a row, before a status counts as unknowable
)

// Statuses yields the status of the session and every later one that is seen,
// and stops after the final one. An error, also that of ctx, comes last.
//
// Statuses come by event stream, or by polling where there is none; a status that
// lasts very shortly may be skipped. Lost connections are tried again for some
// seconds.
func (c *Client) Statuses(ctx context.Context, token irma.RequestorToken) iter.Seq2[irma.Status, error] {
	return follow(ctx, c.HTTPClient, c.session(token))
}

// WaitResult returns the result of the session once it is finished. It waits
// until then or until ctx ends.
func (c *Client) WaitResult(ctx context.Context, token irma.RequestorToken) (*irma.SessionResult, error) {
	for _, err := range c.Statuses(ctx, token) {
		if err != nil {
			return nil, err
		}
	}
	return c.Result(ctx, token)
}

// follower watches the status at a URL.
type follower struct {
	client   *http.Client
	url      string
	events   <-chan irma.Status // nil when there is no stream any more
	interval time.Duration
}

// follow yields statuses of the session whose endpoints are below the URL.
func follow(ctx context.Context, client *http.Client, url string) iter.Seq2[irma.Status, error] {
	return func(yield func(irma.Status, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		events := make(chan irma.Status)
		var panicked error
		go func() {
			defer close(events)
			panicked = caught.Do(func() error {
				stream(ctx, client, url+"/statusevents", events)
				return nil
			})
		}()
		defer func() {
			cancel()
			for range events { // until the goroutine has ended
			}
			if panicked != nil {
				panic(panicked) // where the caller can recover
			}
		}()
		f := &follower{client: client, url: url, events: events, interval: pollInterval}
		f.run(ctx, yield)
	}
}

func (f *follower) run(ctx context.Context, yield func(irma.Status, error) bool) {
	var last irma.Status
	status, err := f.ask(ctx)
	for {
		if err != nil {
			yield("", err)
			return
		}
		if position(status) > position(last) {
			if !yield(status, nil) {
				return
			}
			last = status
		}
		if last.Finished() {
			return
		}
		status, err = f.next(ctx)
	}
}

// next waits for an event or the moment to ask.
func (f *follower) next(ctx context.Context) (irma.Status, error) {
	timer := time.NewTimer(f.interval)
	defer timer.Stop()
	select {
	case status, open := <-f.events:
		switch {
		case !open:
			f.events, f.interval = nil, pollInterval
		case status != opened:
			return status, nil
		default: // something may have happened before the stream was open
			f.interval = checkInterval
		}
	case <-timer.C:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return f.ask(ctx)
}

// ask asks the status, repeatedly while the server cannot be reached.
func (f *follower) ask(ctx context.Context) (status irma.Status, err error) {
	for range maxFailures {
		status, err = askStatus(ctx, f.client, f.url)
		if err == nil || ctx.Err() != nil || !transient(err) {
			break
		}
		pause(ctx, pollInterval)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return status, err
}

func askStatus(ctx context.Context, client *http.Client, url string) (irma.Status, error) {
	answer, err := exchange{method: http.MethodGet, url: url + "/status"}.do(ctx, client)
	if err != nil {
		return "", fmt.Errorf("asking status: %w", err)
	}
	status, err := decode[irma.Status](answer)
	if err != nil {
		return "", fmt.Errorf("asking status: %w", err)
	}
	if position(*status) == 0 {
		return "", fmt.Errorf("asking status: unknown status %.40q", *status)
	}
	return *status, nil
}

// position tells how far a session with this status is; 0 for other texts.
// Sessions never go back, so what is not further is old news.
func position(status irma.Status) int {
	if status.Finished() {
		return 4
	}
	return 1 + slices.Index([]irma.Status{irma.StatusInitialized, irma.StatusPairing, irma.StatusConnected}, status)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
