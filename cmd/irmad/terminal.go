package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// redrawInterval keeps a status line from costing more than what it tells about.
const redrawInterval = 100 * time.Millisecond

// statusLine tells how something goes. On a terminal it is one line that changes;
// elsewhere there is only what is said.
type statusLine struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex // guards what follows
	drawn time.Time
	shown bool
}

func newStatusLine(w io.Writer) *statusLine {
	return &statusLine{w: w, terminal: isTerminal(w)}
}

// clearLine goes to the start of the line and removes what is there.
const clearLine = "\r\x1b[K"

// show replaces the line, unless it was replaced just now.
func (s *statusLine) show(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); s.terminal && now.Sub(s.drawn) >= redrawInterval {
		s.drawn, s.shown = now, true
		fmt.Fprintf(s.w, clearLine+format, args...)
	}
}

// say prints a line that stays.
func (s *statusLine) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintf(s.w, format+"\n", args...)
}

// end removes the line.
func (s *statusLine) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *statusLine) clear() {
	if s.shown {
		fmt.Fprint(s.w, clearLine)
		s.shown = false
	}
}
