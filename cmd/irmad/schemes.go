package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// loadSchemes returns the schemes to serve: those on disk and, outside
// production, the embedded demo scheme.
func loadSchemes(s *settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	set, err := installedSchemes(s, environ, log)
	if err != nil {
		return nil, err
	}
	if s.Production {
		return set, nonEmpty(set)
	}
	if set.Scheme(demo.ID) != nil {
		return set, nil
	}
	embedded, err := demo.Set()
	if err != nil {
		return nil, fmt.Errorf("loading the demo scheme: %w", err)
	}
	return scheme.Join(set, embedded)
}

func nonEmpty(set *scheme.Set) error {
	for range set.Schemes() {
		return nil
	}
	return errors.New("there are no valid schemes to serve in production; put them into a directory and name that with schemes_path")
}

// installedSchemes loads what is in the schemes directory. There need not be
// one unless it is configured.
func installedSchemes(s *settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	dir := s.SchemesPath
	if dir == "" {
		dir = defaultSchemes(environ)
	}
	switch info, err := os.Stat(dir); {
	case dir == "" && s.Privkeys != "":
		return nil, errors.New("privkeys is set, but there are no schemes that the keys could belong to; set schemes_path")
	case dir == "":
		return new(scheme.Set), nil
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("schemes_path %s does not exist", dir)
	case err != nil:
		return nil, fmt.Errorf("looking at schemes_path: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("schemes_path %s is not a directory", dir)
	}
	opts, err := keyRing(s.Privkeys)
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

func keyRing(dir string) (scheme.Options, error) {
	if dir == "" {
		return scheme.Options{}, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return scheme.Options{}, fmt.Errorf("privkeys %s is not a directory", dir)
	}
	return scheme.Options{PrivateKeys: os.DirFS(dir)}, nil
}

// defaultSchemes returns the first of the usual directories that exists, or "".
func defaultSchemes(environ []string) string {
	var bases []string
	if dir := variable(environ, "XDG_DATA_HOME"); dir != "" {
		bases = append(bases, dir)
	} else if home := variable(environ, "HOME"); home != "" {
		bases = append(bases, filepath.Join(home, ".local", "share"))
	}
	bases = append(bases, filepath.SplitList(variable(environ, "XDG_DATA_DIRS"))...)
	bases = append(bases, "/usr/local/share", "/usr/share")
	for _, base := range bases {
		dir := filepath.Join(base, "irma", "irma_configuration")
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return ""
}

func schemeNames(set *scheme.Set) []string {
	var names []string
	for s := range set.Schemes() {
		names = append(names, string(s.ID))
	}
	return names
}

// issuesForReal reports whether the set has a private key of a scheme that is
// not for demonstration.
func issuesForReal(set *scheme.Set) bool {
	for issuer := range set.Issuers() {
		if set.Scheme(issuer.ID.Scheme()).Demo {
			continue
		}
		if _, err := set.LatestPrivateKey(issuer.ID); err == nil {
			return true
		}
	}
	return false
}
