package cli

import (
	"errors"
	"fmt"
)

// Exit statuses (spec 06 §1).
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 255 // after a UsageError
)

// UsageError is a mistake in how the program was called. Whoever made it is told
// where the help is.
type UsageError struct {
	Message string // for who called it
}

// Usage returns a mistake in how the program was called.
func Usage(message string) *UsageError { return &UsageError{message} }

// Error implements error.
func (e *UsageError) Error() string { return e.Message }

// ExitError is a failure with an exit status of its own.
type ExitError struct {
	Status int
	Err    error // not nil
}

// Error implements error.
func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns the failure.
func (e *ExitError) Unwrap() error { return e.Err }

// Exit tells what a command returned, if that is not nil, in the log or else on the
// standard error, and returns the exit status. The help of the command has this topic,
// which begins with a space unless it is empty.
func (p *Process) Exit(err error, topic string) int {
	if err == nil {
		return ExitOK
	}
	var usage *UsageError
	if errors.As(err, &usage) {
		fmt.Fprintf(p.Stderr, "irmad: %v\nRun \"irmad help%s\" for what can be given.\n", usage, topic+p.Topic)
		return ExitUsage
	}
	if p.Log != nil {
		p.Log.Error(err.Error())
	} else {
		fmt.Fprintf(p.Stderr, "irmad: %v\n", err)
	}
	if exit := (*ExitError)(nil); errors.As(err, &exit) {
		return exit.Status
	}
	return ExitFailed
}
