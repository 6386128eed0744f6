// Package callback posts session results to requestors: to the callback URL of
// a session that ended, and to the endpoint that supplies a follow-up session.
//
// It does single attempts. Which results still have to be delivered is kept
// with the sessions, by the engine, so that nothing is lost with a process.
//
// Requestors choose where is posted to, and any address that the client reaches
// will do. To keep requestors off private addresses, give a Client.HTTP whose
// transport has a dialer that refuses those; checking URLs is not enough, as a
// name can be resolved to another address later.
package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// maxAnswer is the largest answer that is read, in bytes. Only a follow-up
	// session request is longer than a line.
	maxAnswer = 1 << 20

	// maxIgnored is how much of an ignored answer is read, so that its
	// connection can be used again.
	maxIgnored = 4 << 10

	maxRedirects = 5
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
	Body       []byte        // only of Ask
	RetryAfter time.Duration // zero when not given
}

// Accepted reports whether the receiver took the message.
func (a *Answer) Accepted() bool { return a.Status >= 200 && a.Status < 300 }

// Permanent reports whether trying again is pointless: the receiver understood
// and refused. Status 404 is not, because a server that is being replaced gives
// that for a while; 410 is.
func (a *Answer) Permanent() bool {
	switch a.Status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return a.Status >= 300 && a.Status < 500
}

// Client posts messages. The zero value is ready for use.
type Client struct {
	// HTTP does the requests. Nil means one that uses the proxy of the
	// environment.
	HTTP *http.Client

	// Now tells the time, for reading Retry-After. Nil means time.Now.
	Now func() time.Time
}

// Post posts the message once. It returns an error when there was no answer.
// The answer's body is ignored, as the status says whether the receiver has the
// message.
//
// Redirects are followed if they keep the POST, that is with status 307 and 308,
// and lead to the same host and port, or from http to https there. Others are
// returned as the answer, since following them would lose the message, show it
// to somebody else, or send it in the clear. Errors name the receiver by scheme and host only, and hold nothing of
// what it sent.
func (c *Client) Post(ctx context.Context, m Message) (*Answer, error) {
	response, err := c.send(ctx, m)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxIgnored) // as far as it goes
	return c.answer(response, nil), nil
}

// Ask is Post for a message whose answer matters. It is also an error when the
// body of the answer is cut off or too long; then the answer is not nil, which
// tells that the receiver has got the message.
func (c *Client) Ask(ctx context.Context, m Message) (*Answer, error) {
	response, err := c.send(ctx, m)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return c.answer(response, nil), fmt.Errorf("reading the answer of %s: %w", Redact(m.URL), redacted(err))
	}
	if len(body) > maxAnswer {
		return c.answer(response, nil), fmt.Errorf("the answer of %s is longer than %d bytes", Redact(m.URL), maxAnswer)
	}
	return c.answer(response, body), nil
}

func (c *Client) send(ctx context.Context, m Message) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return nil, errors.New("preparing the POST: the URL is not valid")
	}
	request.Header.Set("Content-Type", m.ContentType)
	request.Header.Set("User-Agent", "irmaserver")
	if m.ID != "" {
		request.Header.Set("Idempotency-Key", m.ID)
	}
	response, err := c.client().Do(request)
	if err != nil {
		return nil, fmt.Errorf("posting to %s: %w", Redact(m.URL), redacted(err))
	}
	return response, nil
}

// client returns the HTTP client with our rule for redirects before its own.
func (c *Client) client() *http.Client {
	out := http.Client{}
	if c.HTTP != nil {
		out = *c.HTTP
	}
	own := out.CheckRedirect
	out.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		request.Header.Del("Referer") // the first URL may hold secrets
		switch {
		case request.Method != http.MethodPost, own == nil && len(via) >= maxRedirects,
			!sameReceiver(via[len(via)-1].URL, request.URL):
			return http.ErrUseLastResponse
		case own == nil:
			return nil
		}
		return own(request, via)
	}
	return &out
}

func (c *Client) answer(response *http.Response, body []byte) *Answer {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	return &Answer{Status: response.StatusCode, Body: body, RetryAfter: retryAfter(response.Header.Get("Retry-After"), now)}
}
