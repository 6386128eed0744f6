package main

import (
	"os"

	"go.uber.org/zap"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
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
