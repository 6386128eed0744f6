package scheme

import (
	"errors"
	"fmt"
)

// Status tells how far a scheme came through loading.
type Status string

// Only schemes with status Valid are part of a Set.
const (
	Valid               Status = "Valid"
	Unprocessed         Status = "Unprocessed"         // not looked into, its id is taken by another folder
	InvalidIndex        Status = "InvalidIndex"        // the index is missing or malformed
	InvalidSignature    Status = "InvalidSignature"    // the signature or the hash of a file is wrong
	ParsingError        Status = "ParsingError"        // the scheme description, timestamp or a keyshare key is wrong
	ContentParsingError Status = "ContentParsingError" // something about an issuer or credential type is wrong
)

// Problem is something the manager or the user of a scheme should know. With
// Status Valid it is a warning and the scheme is in use; with any other status
// the scheme is not part of the Set.
type Problem struct {
	Scheme string // the scheme's id, or the name of its folder if the id is not known
	Status Status
	Err    error // never nil
}

// Warning reports whether the scheme is in use despite the problem.
func (p Problem) Warning() bool { return p.Status == Valid }

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Warning() {
		return fmt.Sprintf("scheme %s: warning: %v", p.Scheme, p.Err)
	}
	return fmt.Sprintf("scheme %s: not used (%s): %v", p.Scheme, p.Status, p.Err)
}

// failure is an error that decides the status of a scheme.
type failure struct {
	status Status
	err    error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

func fail(status Status, err error) error { return &failure{status: status, err: err} }

func failf(status Status, format string, args ...any) error {
	return fail(status, fmt.Errorf(format, args...))
}

// statusOf returns the status that err decides. What is not otherwise marked is
// about the contents of the scheme.
func statusOf(err error) Status {
	var f *failure
	if errors.As(err, &f) {
		return f.status
	}
	return ContentParsingError
}
