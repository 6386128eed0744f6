package callback

import (
	"errors"
	"net/textproto"
	"net/url"
	"strings"
)

// CallbackURL returns where the result is posted: the URL with a slash at the
// end of its path, as requestors expect, unless a query or fragment follows.
func CallbackURL(text string) string {
	if _, err := url.Parse(text); err != nil || strings.ContainsAny(text, "?#") || strings.HasSuffix(text, "/") {
		return text
	}
	return text + "/"
}

// sameReceiver reports whether a receiver may send a message on from one of its
// URLs to another: the host stays the same, and what was safe stays safe.
func sameReceiver(from, to *url.URL) bool {
	if !strings.EqualFold(from.Hostname(), to.Hostname()) {
		return false
	}
	if from.Scheme == "http" && to.Scheme == "https" {
		return true // with a port of its own
	}
	return from.Scheme == to.Scheme && port(from) == port(to)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
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

// redactedError is an error without what the receiver sent.
type redactedError struct {
	text  string
	cause error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.cause }

// redacted takes the URL and the receiver's words out of an error of an
// http.Client, which quotes them.
func redacted(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var malformed textproto.ProtocolError
	if errors.As(err, &malformed) {
		return &redactedError{"the answer is not valid HTTP", err}
	}
	text, _, quotes := strings.Cut(err.Error(), "\"")
	if quotes {
		text += "..."
	}
	return &redactedError{text, err}
}
