// Package systemd tells the service manager how the process is doing.
package systemd

import (
	"fmt"
	"net"
)

// States to notify.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
)

// Notify sends a state to the socket that $NOTIFY_SOCKET names. Without one, as
// when systemd does not run the process, it does nothing.
func Notify(socket, state string) error {
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notifying systemd: %w", err)
	}
	defer func() { _ = conn.Close() }() // the message is away
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notifying systemd: %w", err)
	}
	return nil
}
