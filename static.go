package irmaserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/irmad/irmaserver/irma"
)

var staticName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_]+$`) })

// checkStatic checks the static sessions. What they ask for is checked when
// they are started, since schemes change.
func (c Config) checkStatic() error {
	if len(c.StaticSessions) > 0 && c.JWTKey == nil && !c.AllowUnsignedCallbacks {
		return errors.New("irmaserver: static sessions configured but no JWT private key is installed: either install JWT or enable allow_unsigned_callbacks in configuration (Config.JWTKey, Config.AllowUnsignedCallbacks)")
	}
	lower := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(c.StaticSessions)) {
		if !staticName().MatchString(name) {
			return fmt.Errorf("irmaserver: static session name %s not allowed, must be alphanumeric", name)
		}
		if other, taken := lower[strings.ToLower(name)]; taken {
			return fmt.Errorf("irmaserver: static sessions %s and %s have the same name but for case", other, name)
		}
		lower[strings.ToLower(name)] = name
		if err := c.checkStaticRequest(name, c.StaticSessions[name]); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) checkStaticRequest(name string, request irma.Request) error {
	if !hasRequest(request) {
		return fmt.Errorf("irmaserver: static session %s has no request", name)
	}
	extended := request.Extended()
	if err := extended.Validate(); err != nil {
		return fmt.Errorf("irmaserver: failed to parse static session request %s: %w", name, err)
	}
	if action := extended.Request.Action(); action != irma.Disclosing && action != irma.Signing {
		return fmt.Errorf("irmaserver: static session %s must be either a disclosing or signing session", name)
	}
	if extended.CallbackURL == "" && (extended.NextSession == nil || extended.NextSession.URL == "") {
		return fmt.Errorf("irmaserver: static session %s has no callback URL or next session URL", name)
	}
	if err := c.supported(extended); err != nil {
		return fmt.Errorf("irmaserver: static session %s: %s", name, reason(err))
	}
	return nil
}

// hasRequest reports whether there is anything behind a request.
func hasRequest(request irma.Request) bool {
	return request != nil && request.Extended() != nil && request.Extended().Request != nil
}

// staticAPI starts static sessions, for transport.
type staticAPI struct{ *Server }

// StartStatic implements transport.Static. The lower-cased name is accepted
// too.
func (s staticAPI) StartStatic(ctx context.Context, name string) (*irma.SessionPointer, error) {
	request, found := s.cfg.StaticSessions[name]
	if !found {
		for other, candidate := range s.cfg.StaticSessions {
			if strings.ToLower(other) == name {
				request, found = candidate, true
			}
		}
	}
	if !found {
		return nil, irma.ErrInvalidRequest.With("unknown static session: no request is configured under this name")
	}
	session, err := s.StartSession(ctx, request)
	if known := irma.AsError(err); known != nil && known.Status < 500 {
		return nil, irma.ErrMalformedInput.With(reason(err))
	}
	if err != nil {
		return nil, err
	}
	return &session.SessionPtr, nil
}
