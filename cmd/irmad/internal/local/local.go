// Package local tells whether a request was sent to this machine by a name that
// leads nowhere else, for servers that are not for strangers' web pages.
package local

import (
	"net"
	"net/netip"
	"strings"
)

// Host accepts localhost, names below it, and addresses, with or without a port: no
// name server can make one of these lead elsewhere.
func Host(host string) bool {
	name := Name(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil
}

// Name returns the name or address in a Host header, in lower case and without
// what does not count: the port, and a dot at the end.
func Name(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
