package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// redrawInterval keeps a status line from costing more than what it tells about.
const redrawInterval = 100 * time.Millisecond

// StatusLine tells how something goes. On a terminal it is one line that changes;
// elsewhere there is only what is said.
type StatusLine struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex // guards what follows
	drawn time.Time
	shown bool
}

// NewStatusLine returns a status line that is written to w.
func NewStatusLine(w io.Writer) *StatusLine {
	return &StatusLine{w: w, terminal: IsTerminal(w)}
}

// clearLine goes to the start of the line and removes what is there.
const clearLine = "\r\x1b[K"

// Show replaces the line, unless it was replaced just now.
func (s *StatusLine) Show(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.terminal && now.Sub(s.drawn) >= redrawInterval {
		s.drawn, s.shown = now, true
		fmt.Fprintf(s.w, clearLine+format, args...)
	}
}

// Say prints a line that stays.
func (s *StatusLine) Say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintf(s.w, format+"\n", args...)
}

// End removes the line.
func (s *StatusLine) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *StatusLine) clear() {
	if s.shown {
		fmt.Fprint(s.w, clearLine)
		s.shown = false
	}
}

// IsTerminal reports whether what is written is seen on a terminal.
func IsTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	if !isFile {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
