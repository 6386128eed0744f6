package systemd_test

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/systemd"
)

func TestNotify(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("no datagram sockets in the file system")
	}
	folder, err := os.MkdirTemp("", "") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	path := filepath.Join(folder, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := systemd.Notify(path, systemd.Ready); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 100)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(buffer[:n]); got != "READY=1" {
		t.Errorf("got %q", got)
	}
}

func TestNotifyNobody(t *testing.T) {
	t.Parallel()
	if err := systemd.Notify("", systemd.Ready); err != nil {
		t.Error(err)
	}
	if err := systemd.Notify(filepath.Join(t.TempDir(), "nothing"), systemd.Ready); err == nil {
		t.Error("no error for a socket that is not there")
	}
}
