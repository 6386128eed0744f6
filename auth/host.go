package auth

import (
	"path"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// hosts is a set of host patterns.
type hosts struct {
	exact map[string]struct{}
	globs []string
}

func compileHosts(list []string) hosts {
	out := hosts{exact: map[string]struct{}{}}
	for _, pattern := range list {
		if strings.ContainsAny(pattern, `*?[\`) {
			out.globs = append(out.globs, pattern)
		} else {
			out.exact[pattern] = struct{}{}
		}
	}
	return out
}

func (h *hosts) empty() bool { return len(h.exact) == 0 && len(h.globs) == 0 }

// allow reports whether a pattern matches the host with its port, in which case
// matters. A malformed pattern matches nothing.
func (h *hosts) allow(host string) bool {
	if has(h.exact, host) {
		return true
	}
	for _, glob := range h.globs {
		if ok, err := path.Match(glob, host); ok && err == nil {
			return true
		}
	}
	return false
}

// authorizeHost checks the host that session pointers will have. Its syntax has
// been checked with that of the request.
func (a *Authenticator) authorizeHost(who *account, host string) error {
	if host == "" {
		host = a.host
	}
	if who.hosts.empty() && host == a.host || who.hosts.allow(host) {
		return nil
	}
	return irma.ErrUnauthorized.With("requestor not allowed to use the requested host")
}
