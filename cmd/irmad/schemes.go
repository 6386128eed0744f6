package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/demo"
)

// loadSchemes returns the schemes that commands know: those on disk and the
// embedded demo scheme. Nothing is fetched.
func loadSchemes(s *settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	set, err := installedSchemes(s, environ, log)
	if err != nil {
		return nil, err
	}
	embedded, err := demo.Set()
	if err != nil {
		return nil, fmt.Errorf("loading the demo scheme: %w", err)
	}
	return withDemo(set, embedded)
}

// withDemo adds the demo scheme, unless it is there already.
func withDemo(set, embedded *scheme.Set) (*scheme.Set, error) {
	if embedded == nil || set.Scheme(demo.ID) != nil {
		return set, nil
	}
	return scheme.Join(set, embedded)
}

// installedSchemes loads what is in the schemes directory. There need not be
// one unless it is configured.
func installedSchemes(s *settings, environ []string, log *zap.Logger) (*scheme.Set, error) {
	dir, err := s.schemesDir(environ)
	switch {
	case err != nil:
		return nil, err
	case dir == "" && s.Privkeys != "":
		return nil, errKeysAlone
	case dir == "":
		return new(scheme.Set), nil
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

var errKeysAlone = errors.New("privkeys is set, but there are no schemes that the keys could belong to; set schemes_path")

// schemesDir returns the directory with schemes: the configured one, or the first
// of the usual ones that exists, or "".
func (s *settings) schemesDir(environ []string) (string, error) {
	if s.SchemesPath != "" {
		return s.SchemesPath, checkDir("schemes_path", s.SchemesPath)
	}
	for _, base := range dataDirs(environ) {
		if dir := filepath.Join(base, schemesName); isDir(dir) {
			return dir, nil
		}
	}
	return "", nil
}

// schemesName is where schemes are in a directory for data of programs; servers
// for these schemes share it.
var schemesName = filepath.Join("irma", "irma_configuration")

// dataDirs returns where programs keep data: that of the user first, which the
// server may make, then those of the system.
func dataDirs(environ []string) []string {
	var dirs []string
	if dir := ownDataDir(environ); dir != "" {
		dirs = append(dirs, dir)
	}
	dirs = append(dirs, filepath.SplitList(cli.Variable(environ, "XDG_DATA_DIRS"))...)
	return append(dirs, "/usr/local/share", "/usr/share")
}

// ownDataDir returns where programs of this user keep data, or "".
func ownDataDir(environ []string) string {
	if dir := cli.Variable(environ, "LOCALAPPDATA"); dir != "" && runtime.GOOS == "windows" {
		return dir
	}
	if dir := cli.Variable(environ, "XDG_DATA_HOME"); dir != "" {
		return dir
	}
	if home := cli.Variable(environ, "HOME"); home != "" {
		return filepath.Join(home, ".local", "share")
	}
	return ""
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// checkDir checks that an option names a directory.
func checkDir(option, path string) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s %s does not exist: correct the path, or make the directory", option, path)
	case err != nil:
		return fmt.Errorf("looking at %s: %w", option, err)
	case !info.IsDir():
		return fmt.Errorf("%s %s is not a directory", option, path)
	}
	return nil
}

func keyRing(dir string) (scheme.Options, error) {
	if dir == "" {
		return scheme.Options{}, nil
	}
	if !isDir(dir) {
		return scheme.Options{}, fmt.Errorf("privkeys %s is not a directory", dir)
	}
	return scheme.Options{PrivateKeys: os.DirFS(dir)}, nil
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
