// Package caught turns a panic into an error, so that it ends the piece of work in
// which it happens and not the process. It is for goroutines of our own that call
// what others have written, such as a store or an observer: net/http does it for
// handlers, and nobody for those. Whoever catches must tell.
package caught

import (
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
)

// Panic is the error of work that has panicked. Formatted with %+v, as zap does, it
// tells where.
type Panic struct {
	Value any    // what panic was called with
	Stack []byte // of the goroutine then
}

// Do calls f and returns its error, or a *Panic. One that is the value of a panic, as
// when it is passed on from another goroutine, comes back as it is.
func Do(f func() error) (err error) {
	defer func() {
		value := recover()
		if p, before := value.(*Panic); before {
			err = p
		} else if value != nil {
			err = &Panic{Value: value, Stack: debug.Stack()}
		}
	}()
	return f()
}

// Error implements error.
func (p *Panic) Error() string { return "panic: " + Text(p.Value) }

// Unwrap returns the value if that is an error, such as http.ErrAbortHandler.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Format implements fmt.Formatter.
func (p *Panic) Format(f fmt.State, verb rune) {
	text := p.Error()
	if verb == 'v' && f.Flag('+') {
		text += "\n\n" + string(p.Stack)
	}
	_, _ = io.WriteString(f, text)
}

// Stack returns where the goroutine is, for whoever has recovered from a panic with
// this value; or, if it was caught in another goroutine before, where that was.
func Stack(value any) []byte {
	if p, ok := value.(*Panic); ok {
		return p.Stack
	}
	return debug.Stack()
}

// token has the form of session tokens.
var token = regexp.MustCompile(`\b[0-9A-Za-z]{20}\b`)

// Text returns what a panic was called with, for logs: the text of a text or an
// error, without session tokens, and of anything else its type, as it may hold what
// does not belong there.
func Text(value any) string {
	text := fmt.Sprintf("%T", value)
	switch value.(type) {
	case error, string, fmt.Stringer:
		text = fmt.Sprint(value)
	}
	return token.ReplaceAllString(text, ":token")
}
