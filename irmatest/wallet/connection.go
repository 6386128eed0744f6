package wallet

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// How the app deals with failing connections (spec 03 §2).
const (
	attempts = 3
	patience = 20 * time.Second
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 10 << 20

const contentType = "application/json; charset=UTF-8"

// connection speaks to the server of one session.
type connection struct {
	url    *url.URL // of the session, without trailing slash
	client *http.Client
	header http.Header // sent with every request
	trace  func(Step)
}

func (w *Wallet) newConnection(ptr irma.SessionPointer) (*connection, error) {
	u, err := url.Parse(strings.TrimSuffix(ptr.URL, "/"))
	if err != nil {
		return nil, fmt.Errorf("%w: session pointer: %w", ErrBadRequest, err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%w: session pointer %q is not a web address", ErrBadRequest, ptr.URL)
	}
	return &connection{
		url:    u,
		client: w.cfg.HTTPClient,
		header: sessionHeader(ptr.Action),
		trace:  w.cfg.Trace,
	}, nil
}

// sessionHeader returns the headers by which the app names itself and its
// protocol versions.
func sessionHeader(action irma.Action) http.Header {
	lowest := irma.Version{Major: 2, Minor: 4}
	if action == irma.Signing {
		lowest.Minor = 5
	}
	header := http.Header{}
	header.Set("Authorization", rand.Text()[:20])
	header.Set("X-Irma-Minprotocolversion", lowest.String())
	header.Set("X-Irma-Maxprotocolversion", irma.Version{Major: 2, Minor: 9}.String())
	header.Set("User-Agent", "irmaserver-wallet")
	return header
}

// exchange is a request to make.
type exchange struct {
	step   string
	method string
	path   string // appended to the URL of the session
	body   any    // sent as JSON; nil for none
}

// do makes the request, decodes the answer into answer unless that is nil, and
// repeats the same bytes when the connection fails. An error status gives the
// server's *irma.Error.
func (c *connection) do(ctx context.Context, ex exchange, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	step, err := c.send(ctx, ex)
	if err != nil {
		return fmt.Errorf("%s: %w", ex.step, err)
	}
	if err := failure(step, answer == nil); err != nil {
		return fmt.Errorf("%s: %w", ex.step, err)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(step.Received, answer); err != nil {
		return fmt.Errorf("%s: %w: %w", ex.step, ErrBadAnswer, err)
	}
	return nil
}

// send makes the request until there is an answer of whatever status.
func (c *connection) send(ctx context.Context, ex exchange) (Step, error) {
	var body []byte
	if ex.body != nil {
		var err error
		if body, err = json.Marshal(ex.body); err != nil {
			return Step{}, fmt.Errorf("encoding: %w", err)
		}
	}
	for attempt := 1; ; attempt++ {
		step := Step{Name: ex.step, Method: ex.method, URL: c.url.String() + ex.path, Sent: body}
		step.Status, step.Received, step.Err = c.once(ctx, step)
		c.trace(step)
		if step.Err == nil || attempt == attempts || ctx.Err() != nil {
			return step, step.Err
		}
		pause(ctx, 100*time.Millisecond+mathrand.N(100*time.Millisecond))
	}
}

func (c *connection) once(ctx context.Context, step Step) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, step.Method, step.URL, bytes.NewReader(step.Sent))
	if err != nil {
		return 0, nil, err
	}
	req.Header = c.header.Clone()
	if step.Sent != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, body, err
}

// failure returns the error in an answer. Exactly 200 is success, and 204 where
// nothing is expected.
func failure(step Step, expectNothing bool) error {
	if step.Status == http.StatusOK || (expectNothing && step.Status == http.StatusNoContent) {
		return nil
	}
	remote := new(irma.Error)
	if err := json.Unmarshal(step.Received, remote); err != nil || remote.Name == "" {
		return fmt.Errorf("%w: HTTP status %d", ErrBadAnswer, step.Status)
	}
	return remote
}

// pause waits, or less when ctx ends first.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
