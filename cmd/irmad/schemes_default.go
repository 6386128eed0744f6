package main

import (
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
	"github.com/irmad/irmaserver/scheme"
	"github.com/irmad/irmaserver/scheme/update"
)

// makeDir returns the directory in which this user's programs keep schemes, after
// making it unless readOnly, or "" if that cannot be.
func (s *schemeSource) makeDir(environ []string, readOnly bool) string {
	dir := config.OwnSchemesDir(environ)
	if dir == "" {
		s.log.Warn("there is no directory to keep schemes in, so none are fetched; set schemes_path")
		return ""
	}
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
