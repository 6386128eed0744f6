package update

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Limits on what is fetched. The largest files in practice are logos, and the
// largest scheme is some megabytes.
const (
	maxFileSize      = 10 << 20
	maxSignatureSize = 1 << 10
	maxTimestampSize = 64
	maxDownload      = 256 << 20 // of one version of a scheme

	requestTimeout = 20 * time.Second
	retries        = 2
	retryDelay     = time.Second
)

var errTooLarge = errors.New("larger than allowed")

// ErrUnreachable says that the network failed: no web server answered, or not to
// the end. Nothing is known about what is published.
var ErrUnreachable = errors.New("the web server cannot be reached")

// fetcher gets files over HTTP.
type fetcher struct {
	client    *http.Client
	plainHTTP bool
}

// newFetcher returns a fetcher that uses the client but follows redirects to
// https only.
func newFetcher(client *http.Client, plainHTTP bool) *fetcher {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	next := own.CheckRedirect
	own.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if err := checkTransport(r.URL, plainHTTP); err != nil {
			return err
		}
		if next != nil {
			return next(r, via)
		}
		if len(via) >= 5 {
			return errors.New("too many redirects")
		}
		return nil
	}
	return &fetcher{client: &own, plainHTTP: plainHTTP}
}

// networkError is one that may be gone at the next attempt.
type networkError struct{ err error }

func (e *networkError) Error() string { return e.err.Error() }

func (e *networkError) Unwrap() error { return e.err }

// Is makes every such error an ErrUnreachable.
func (e *networkError) Is(target error) bool { return target == ErrUnreachable }

// bytes gets a small file.
func (f *fetcher) bytes(ctx context.Context, url string, limit int64) ([]byte, error) {
	var out bytes.Buffer
	err := f.stream(ctx, url, limit, func(body io.Reader) error {
		out.Reset()
		_, err := out.ReadFrom(body)
		return err
	})
	return out.Bytes(), err
}

// stream gets a file and hands its contents to use, which is called again from
// the start when the network fails on the way.
func (f *fetcher) stream(ctx context.Context, url string, limit int64, use func(io.Reader) error) error {
	for attempt := 0; ; attempt++ {
		err := f.once(ctx, url, limit, use)
		var network *networkError
		if err == nil {
			return nil
		}
		if attempt == retries || !errors.As(err, &network) || ctx.Err() != nil {
			return fmt.Errorf("fetching %s: %w", url, err)
		}
		if err := sleep(ctx, retryDelay<<attempt); err != nil {
			return fmt.Errorf("fetching %s: %w", url, err)
		}
	}
}

func (f *fetcher) once(ctx context.Context, url string, limit int64, use func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if err := checkTransport(request.URL, f.plainHTTP); err != nil {
		return err
	}
	request.Header.Set("User-Agent", "irmaserver")
	response, err := f.client.Do(request)
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errPlainHTTP), errors.As(err, &untrusted):
		return err
	case err != nil:
		return &networkError{err}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status is %s", response.Status)
	}
	return use(&limitedBody{response.Body, limit})
}

// limitedBody refuses to read more than left bytes and marks errors of the
// network, so that those of the disk can be told from them.
type limitedBody struct {
	body io.Reader
	left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	if err != nil && err != io.EOF {
		err = &networkError{err}
	}
	return n, err
}

// sleep waits, or returns the error of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
