package installed

import (
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// Load returns the schemes that commands know: those in the directory of the settings,
// or else in the first of the usual ones, and the embedded demo scheme. There need not be
// a directory unless it is configured. What is wrong with single schemes is logged.
func Load(s *config.Settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	set, err := installedSchemes(s, environ, log)
	if err != nil {
		return nil, err
	}
	embedded, err := demo.Set()
	if err != nil {
		return nil, fmt.Errorf("loading the demo scheme: %w", err)
	}
	return WithDemo(set, embedded)
}

// WithDemo adds the demo scheme, unless it is there already or nil.
func WithDemo(set, embedded *scheme.Set) (*scheme.Set, error) {
	if embedded == nil || set.Scheme(demo.ID) != nil {
		return set, nil
	}
	return scheme.Join(set, embedded)
}

// installedSchemes loads what is in the schemes directory. There need not be
// one unless it is configured.
func installedSchemes(s *config.Settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	dir, err := s.SchemesDir(environ)
	switch {
	case err != nil:
		return nil, err
	case dir == "" && s.Privkeys != "":
		return nil, ErrKeysAlone
	case dir == "":
		return new(scheme.Set), nil
	}
	opts, err := s.KeyRing()
	if err != nil {
		return nil, err
	}
	set, err := scheme.LoadDir(dir, opts)
	if err != nil {
		return nil, err
	}
	for _, problem := range set.Problems() {
		log.Warn("scheme has a problem", zap.Stringer("problem", problem))
	}
	log.Debug("schemes loaded", zap.String("schemes_path", dir))
	return set, nil
}

// ErrKeysAlone is that there are private keys and no schemes.
var ErrKeysAlone = errors.New("privkeys is set, but there are no schemes that the keys could belong to; set schemes_path")
