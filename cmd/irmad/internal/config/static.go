package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/irmad/irmaserver/irma"
)

// StaticRequests returns the requests of static_sessions by name.
func (s *Settings) StaticRequests() (map[string]irma.Request, error) {
	if s.StaticSessions == "" {
		return nil, nil
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s.StaticSessions), &texts); err != nil {
		return nil, fmt.Errorf("static_sessions: %w", err)
	}
	requests := make(map[string]irma.Request, len(texts))
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		request, err := irma.ParseRequest(texts[name])
		if err != nil {
			return nil, fmt.Errorf("failed to parse static session request %s: %w", name, err)
		}
		requests[name] = request
	}
	return requests, nil
}
