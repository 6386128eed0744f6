// Package callback posts session results to requestors: to the callback URL of
// a session that ended, and to the endpoint that supplies a follow-up session.
//
// It does single attempts. Which results still have to be delivered is kept
// with the sessions, by the engine, so that nothing is lost with a process.
package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxAnswer is the largest answer that is read, in bytes. Only a follow-up
	// session request is longer than a line.
	maxAnswer = 1 << 20

	firstDelay = time.Second
	maxDelay   = 5 * time.Minute
)

// Message is what to post.
type Message struct {
	URL         string
	ContentType string
	Body        []byte

	// ID is the same in all attempts to deliver one result. It is sent as
	// Idempotency-Key, by which a receiver recognises what it has already.
	// Empty sends none.
	ID string
}

// Answer is what a receiver said.
type Answer struct {
	Status     int
	Body       []byte
	RetryAfter time.Duration // zero when not given
}

// Accepted reports whether the receiver took the message.
func (a *Answer) Accepted() bool { return a.Status >= 200 && a.Status < 300 }

// Permanent reports whether trying again is pointless: the receiver understood
// and refused.
func (a *Answer) Permanent() bool {
	return a.Status >= 300 && a.Status < 500 &&
		a.Status != http.StatusRequestTimeout && a.Status != http.StatusTooEarly && a.Status != http.StatusTooManyRequests
}

// Client posts messages. The zero value is ready for use.
type Client struct {
	// HTTP does the requests. Nil means a client of its own, which uses the
	// proxy of the environment.
	HTTP *http.Client

	// Now tells the time, for reading Retry-After. Nil means time.Now.
	Now func() time.Time
}

var defaultHTTP = &http.Client{}

// Post posts the message once. It returns an error when there was no answer.
func (c *Client) Post(ctx context.Context, m Message) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, errors.New("preparing the POST: the URL is not valid")
	}
	request.Header.Set("Content-Type", m.ContentType)
	request.Header.Set("User-Agent", "irmaserver")
	if m.ID != "" {
		request.Header.Set("Idempotency-Key", m.ID)
	}
	client := c.HTTP
	if client == nil {
		client = defaultHTTP
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("posting to %s: %w", Redact(m.URL), withoutURL(err))
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", Redact(m.URL), err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer of %s is longer than %d bytes", Redact(m.URL), maxAnswer)
	}
	return &Answer{Status: response.StatusCode, Body: body, RetryAfter: c.retryAfter(response)}, nil
}

// retryAfter reads the Retry-After header: seconds, or a date.
func (c *Client) retryAfter(response *http.Response) time.Duration {
	value := response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	return max(0, date.Sub(now()))
}

// Backoff returns how long to wait after this number of failed attempts, at
// least one: twice as long each time, with a random part so that deliveries
// that failed together do not come back together. A receiver's Retry-After is
// respected up to an hour.
func Backoff(attempts int, retryAfter time.Duration) time.Duration {
	delay := maxDelay
	if shift := attempts - 1; shift < 10 {
		delay = min(firstDelay<<max(0, shift), maxDelay)
	}
	delay = delay/2 + rand.N(delay)
	return max(delay, min(retryAfter, time.Hour))
}

// CallbackURL returns where the result is posted: the URL with a slash at the
// end of its path, as requestors expect, unless a query follows.
func CallbackURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "/") {
		return text
	}
	return text + "/"
}

// Redact returns the scheme and host of a URL, for logs: the path and query may
// hold secrets.
func Redact(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "(invalid URL)"
	}
	return u.Scheme + "://" + u.Host
}

// withoutURL takes the URL out of an error of an http.Client.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
