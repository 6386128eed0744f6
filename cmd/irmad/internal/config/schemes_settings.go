package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/irmad/irmaserver/cmd/irmad/internal/cli"
	"github.com/irmad/irmaserver/scheme"
)

// SchemesDir returns the directory with schemes: the configured one, or the first
// of the usual ones that exists, or "".
func (s *Settings) SchemesDir(environ []string) (string, error) {
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

// OwnSchemesDir returns where programs of this user keep schemes, or "" if there is no
// place for that.
func OwnSchemesDir(environ []string) string {
	dir := ownDataDir(environ)
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, schemesName)
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

// AssetsDir returns the directory with schemes to copy: the configured one, or the
// usual one if that exists, or "".
func (s *Settings) AssetsDir(environ []string) string {
	if s.SchemesAssetsPath != "" || s.SchemesPath != "" {
		return s.SchemesAssetsPath
	}
	for _, base := range dataDirs(environ) {
		if dir := filepath.Join(base, schemesName+"_assets"); isDir(dir) {
			return dir
		}
	}
	return ""
}

// CheckSchemes checks the options about schemes against each other.
func (s *Settings) CheckSchemes() error {
	if s.SchemesUpdate < 0 || s.SchemesUpdate > maxMinutes {
		return fmt.Errorf("schemes_update must be between 0 and %d minutes (was %d)", maxMinutes, s.SchemesUpdate)
	}
	if s.SchemesAssetsPath != "" {
		if err := checkDir("schemes_assets_path", s.SchemesAssetsPath); err != nil {
			return err
		}
	}
	if s.SchemesMirror == "" {
		return nil
	}
	u, err := url.Parse(s.SchemesMirror)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("schemes_mirror must be like https://example.com/schemes, without user, query and fragment")
	}
	if u.Scheme == "http" && s.Production {
		s.Warnings = append(s.Warnings, "schemes_mirror is not https: nobody can change schemes on the way, but others can hold back new versions")
	}
	return nil
}

// PlainSchemes reports whether schemes may be fetched without TLS. Signatures
// protect them all the same.
func (s *Settings) PlainSchemes() bool {
	u, err := url.Parse(s.SchemesMirror)
	return !s.Production || err == nil && u.Scheme == "http"
}

// KeyRing returns how schemes are loaded: with the issuers' private keys, if the option
// names a directory of them.
func (s *Settings) KeyRing() (scheme.Options, error) {
	if s.Privkeys == "" {
		return scheme.Options{}, nil
	}
	if !isDir(s.Privkeys) {
		return scheme.Options{}, fmt.Errorf("privkeys %s is not a directory", s.Privkeys)
	}
	return scheme.Options{PrivateKeys: os.DirFS(s.Privkeys)}, nil
}
