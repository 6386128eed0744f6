package irmaserver

import (
	"net"
	"net/url"
	"strings"
)

// sameHost reports whether the Host header of a request names the host that a
// session is bound to. Case does not matter, and neither does writing out the
// default port of the URL's scheme.
func (s *Server) sameHost(bound, header string) bool {
	port := defaultPort(s.cfg.URL)
	boundHost, boundPort := splitHost(bound)
	host, headerPort := splitHost(header)
	return strings.EqualFold(boundHost, host) && or(boundPort, port) == or(headerPort, port)
}

func defaultPort(base string) string {
	if u, err := url.Parse(base); err == nil && u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// splitHost splits host[:port]; brackets of an IPv6 address are dropped.
func splitHost(text string) (host, port string) {
	if host, port, err := net.SplitHostPort(text); err == nil {
		return host, port
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"), ""
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}
