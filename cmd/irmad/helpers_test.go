package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/irmad/irmaserver/cmd/irmad/internal/config"
)

func settingsOf(t *testing.T, args, env []string) *config.Settings {
	t.Helper()
	s, err := config.Read(args, env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, name, contents string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
