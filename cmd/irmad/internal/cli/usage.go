package cli

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
