package timestamp

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxAnswerBytes bounds a server's answer, which takes less than a hundred.
const maxAnswerBytes = 16 << 10

// answer is what a server says about a key. The expiry is set if the key is
// trusted.
type answer struct {
	trusted bool
	expires time.Time
}

// ask asks the server whether the key is its own.
func ask(ctx context.Context, client *http.Client, key signingKey) (answer, error) {
	req, err := newRequest(ctx, key)
	if err != nil {
		return answer{}, fmt.Errorf("asking the timestamp server: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("asking the timestamp server: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("asking the timestamp server: its answer has status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err != nil {
		return answer{}, fmt.Errorf("reading the timestamp server's answer: %w", err)
	}
	if len(body) > maxAnswerBytes {
		return answer{}, fmt.Errorf("reading the timestamp server's answer: it is longer than %d bytes", maxAnswerBytes)
	}
	out, err := parseAnswer(body)
	if err != nil {
		return answer{}, fmt.Errorf("reading the timestamp server's answer: %w", err)
	}
	return out, nil
}

func newRequest(ctx context.Context, key signingKey) (*http.Request, error) {
	u, err := url.Parse(key.server)
	if err != nil {
		return nil, err
	}
	u = u.JoinPath("checkPublicKey")
	u.RawQuery = url.Values{"alg": {key.alg}, "pk": {hex.EncodeToString([]byte(key.public))}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	return req, nil
}

// parseAnswer reads an answer. It must say whether the key is trusted, and until
// when if it is.
func parseAnswer(body []byte) (answer, error) {
	var raw struct {
		Trusted *bool
		Expires *time.Time
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return answer{}, err
	}
	switch {
	case raw.Trusted == nil:
		return answer{}, errors.New("it does not say whether the key is trusted")
	case !*raw.Trusted:
		return answer{}, nil
	case raw.Expires == nil:
		return answer{}, errors.New("it does not say when the key expires")
	}
	return answer{trusted: true, expires: *raw.Expires}, nil
}
