package requestor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

const (
	maxAnswer     = 16 << 20         // bytes of an answer or a posted result
	answerTimeout = 20 * time.Second // for a whole exchange; servers answer within 5
)

// message is the body of a request.
type message struct {
	contentType   string
	authorization string
	body          []byte
}

// exchange is one request to a server.
type exchange struct {
	method, url string
	message     message
}

// do makes the request and returns the body of a successful answer.
func (x exchange) do(ctx context.Context, client *http.Client) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	resp, err := x.send(ctx, client)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("reading answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusNoContent {
		return nil, refusal(resp, body)
	}
	return body, nil
}

func (x exchange) send(ctx context.Context, client *http.Client) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, x.method, x.url, bytes.NewReader(x.message.body))
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Content-Type":  x.message.contentType,
		"Authorization": x.message.authorization,
	} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	return send(client, req)
}

// send is http.Client.Do with errors that do not quote the URL: the token in it
// gives access to the session.
func send(client *http.Client, req *http.Request) (*http.Response, error) {
	if client == nil {
		client = http.DefaultClient
	}
	if req.URL.Host == "" {
		return nil, errors.New("the URL of the server must be like https://irma.example.com")
	}
	resp, err := client.Do(req)
	if wrapper := (*url.Error)(nil); errors.As(err, &wrapper) {
		return nil, fmt.Errorf("%s at %s: %w", req.Method, req.URL.Host, wrapper.Err)
	}
	return resp, err
}

// refusal turns an unsuccessful answer into an error.
func refusal(resp *http.Response, body []byte) error {
	var problem irma.Error
	if err := json.Unmarshal(body, &problem); err == nil && problem.Name != "" {
		problem.Status = resp.StatusCode
		if problem.Message == "" && problem.Description == "" {
			problem.Description = "HTTP status " + resp.Status
		}
		return fmt.Errorf("server: %w", &problem)
	}
	return &unknownAnswer{status: resp.StatusCode, body: string(body)}
}

// unknownAnswer is an unsuccessful answer that is not of an IRMA server, such as
// that of a proxy, or of a server at another path.
type unknownAnswer struct {
	status int
	body   string
}

func (e *unknownAnswer) Error() string {
	text := fmt.Sprintf("answer with HTTP status %d %s", e.status, http.StatusText(e.status))
	if body := strings.TrimSpace(e.body); body != "" {
		text += fmt.Sprintf(": %.100q", body)
	}
	return text
}

// transient reports whether the same request may succeed a moment later.
func transient(err error) bool {
	status := 0
	if problem := irma.AsError(err); problem != nil {
		status = problem.Status
	}
	if unknown := (*unknownAnswer)(nil); errors.As(err, &unknown) {
		status = unknown.status
	}
	switch status {
	case 0: // no answer at all
		return true
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func readAll(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxAnswer+1))
	if err == nil && len(data) > maxAnswer {
		return nil, fmt.Errorf("longer than %d bytes", maxAnswer)
	}
	return data, err
}

func decode[T any](data []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(data, out); err != nil {
		return nil, err
	}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return nil, errors.New("it is null")
	}
	return out, nil
}
