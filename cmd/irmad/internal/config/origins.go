package config

import (
	"fmt"
	"slices"

	"github.com/irmad/irmaserver/transport"
)

// AllowedOrigins returns the origins of cors_allowed_origins: nil for all.
func (s *Settings) AllowedOrigins() ([]string, error) {
	if slices.Equal(s.CORSAllowedOrigins, []string{"*"}) {
		return nil, nil
	}
	origins := []string{}
	for _, origin := range s.CORSAllowedOrigins {
		if !transport.IsOrigin(origin) {
			return nil, fmt.Errorf("cors_allowed_origins: %q is not an origin such as https://example.com or http://localhost:3000; "+
				"a single * stands for all", origin)
		}
		origins = append(origins, origin)
	}
	return origins, nil
}
