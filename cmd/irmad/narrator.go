package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// narrator prints what happens in the demo.
type narrator struct {
	mu    sync.Mutex // guards w and muted
	w     io.Writer
	muted bool
}

func (n *narrator) say(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintf(n.w, format+"\n", args...)
}

// serverLog returns a logger whose lines become part of the story.
func (n *narrator) serverLog() *zap.Logger {
	encoder := zapcore.NewConsoleEncoder(zapcore.EncoderConfig{MessageKey: "message", ConsoleSeparator: "  "})
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(serverWriter{n}), zapcore.InfoLevel))
}

// muteServer ends the server's part in the story.
func (n *narrator) muteServer() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.muted = true
}

// serverWriter prints log lines.
type serverWriter struct{ n *narrator }

func (s serverWriter) Write(line []byte) (int, error) {
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	if !s.n.muted {
		fmt.Fprintf(s.n.w, "\nserver notes: %s", line)
	}
	return len(line), nil
}

// actor makes HTTP requests and prints them with their answers.
type actor struct {
	name string
	n    *narrator
}

func (n *narrator) as(name string) http.RoundTripper { return actor{name, n} }

// RoundTrip implements http.RoundTripper.
func (a actor) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := drain(&req.Body)
	if err != nil {
		return nil, err
	}
	a.n.say("\n%s -> server: %s %s%s", a.name, req.Method, shorten(req.URL.Path), document(sent))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	received, err := drain(&resp.Body)
	if err != nil {
		return nil, err
	}
	a.n.say("\n%s <- server: %s%s", a.name, resp.Status, document(received))
	return resp, nil
}

// drain reads a body and puts one with the same contents in its place.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(*body)
	_ = (*body).Close() // all that mattered has been read
	*body = io.NopCloser(bytes.NewReader(data))
	return data, err
}

// document returns JSON indented and shortened.
func document(data []byte) string {
	var out bytes.Buffer
	if len(data) == 0 || json.Indent(&out, data, "    ", "  ") != nil {
		return ""
	}
	return "\n    " + shorten(out.String())
}

var (
	largeNumber = cli.Pattern(`"[A-Za-z0-9+/]{24,}={0,2}"`)
	token       = cli.Pattern(`\b[A-Za-z0-9]{20}\b`)
)

func shorten(text string) string {
	text = largeNumber().ReplaceAllStringFunc(text, func(number string) string {
		return fmt.Sprintf("%s... (%d characters)\"", number[:9], len(number)-2)
	})
	text = token().ReplaceAllStringFunc(text, func(token string) string { return token[:4] + "..." })
	return strings.TrimSpace(text)
}
