package endpoint

import (
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// TestHTTPLog is about complaints of the HTTP server: one line each, and none
// about handshakes unless details are asked for.
func TestHTTPLog(t *testing.T) {
	t.Parallel()
	core, logged := observer.New(zapcore.DebugLevel)
	log := newHTTPLog(zap.New(core))
	log.Print("http: TLS handshake error from 192.0.2.1:1: EOF\nmore")
	log.Print("http: panic serving 192.0.2.1:1: oops\ngoroutine 1 [running]:\nmain.go:1")
	log.Print("http: Accept error: too many open files; retrying in 5ms\n")
	var levels []zapcore.Level
	for _, entry := range logged.All() {
		levels = append(levels, entry.Level)
		if problem := entry.ContextMap()["problem"].(string); strings.Contains(problem, "\n") {
			t.Errorf("several lines in %q", problem)
		}
	}
	if len(levels) != 3 || levels[0] != zapcore.DebugLevel || levels[1] != zapcore.ErrorLevel || levels[2] != zapcore.WarnLevel {
		t.Errorf("levels %v", levels)
	}
	if stack := logged.All()[1].ContextMap()["stack"]; stack != "goroutine 1 [running]:\nmain.go:1" {
		t.Errorf("stack %q", stack)
	}
}
