package main

import (
	"io"
	"net"
	"strings"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
)

// TestHalfHeader leaves a request unfinished while others go on.
func TestHalfHeader(t *testing.T) {
	t.Parallel()
	server := start(t)
	server.await(t, "/health")
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.url, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	must(t, err)
	if _, err := doSessions(t.Context(), server.url+"/"); err != nil {
		t.Error(err)
	}
	must(t, conn.Close())
	if code := server.stop(); code != cli.ExitOK {
		t.Errorf("exit status %d", code)
	}
}
