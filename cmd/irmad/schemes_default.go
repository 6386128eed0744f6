package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// makeDir returns the directory in which this user's programs keep schemes, after
// making it unless readOnly, or "" if that cannot be.
func (s *schemeSource) makeDir(environ []string, readOnly bool) string {
	base := ownDataDir(environ)
	if base == "" {
		s.log.Warn("there is no directory to keep schemes in, so none are fetched; set schemes_path")
		return ""
	}
	dir := filepath.Join(base, schemesName)
	if readOnly {
		return dir
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.log.Warn("no directory to keep schemes in can be made, so none are fetched; set schemes_path", zap.Error(err))
		return ""
	}
	return dir
}

// defaultSchemes returns those of the default schemes, with their pinned keys, that
// are to be kept in dir: all if it has no schemes, and otherwise those that it has.
// A scheme of the same name with another key is somebody's own.
func defaultSchemes(dir string, all []update.Source) []update.Source {
	if all == nil {
		all = update.Default()
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*", "description.xml")); len(found) == 0 {
		return all
	}
	out := []update.Source{}
	for _, source := range all {
		pem, err := os.ReadFile(filepath.Join(dir, string(source.ID), "pk.pem"))
		if err != nil {
			continue
		}
		if key, err := scheme.ReadPublicKey(pem); err == nil && key.Equal(source.PublicKey) {
			out = append(out, source)
		}
	}
	return out
}

// checkSchemes checks the options about schemes against each other.
func (s *settings) checkSchemes() error {
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
		s.warnings = append(s.warnings, "schemes_mirror is not https: nobody can change schemes on the way, but others can hold back new versions")
	}
	return nil
}

// plainSchemes reports whether schemes may be fetched without TLS. Signatures
// protect them all the same.
func (s *settings) plainSchemes() bool {
	u, err := url.Parse(s.SchemesMirror)
	return !s.Production || err == nil && u.Scheme == "http"
}
