package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// allowedOrigins returns the origins of cors_allowed_origins: nil for all.
func (s *settings) allowedOrigins() ([]string, error) {
	if slices.Equal(s.CORSAllowedOrigins, []string{"*"}) {
		return nil, nil
	}
	origins := []string{}
	for _, origin := range s.CORSAllowedOrigins {
		if !isOrigin(origin) {
			return nil, fmt.Errorf("cors_allowed_origins: %q is not an origin such as https://example.com or http://localhost:3000; "+
				"a single * stands for all", origin)
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

// isOrigin reports whether a browser would write an origin like this: in lower
// case, without path and without the usual port.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Contains(text, "*") || text != u.Scheme+"://"+strings.ToLower(u.Host) {
		return false
	}
	usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	return usual != "" && u.Port() != usual && !strings.HasSuffix(u.Host, ":")
}
