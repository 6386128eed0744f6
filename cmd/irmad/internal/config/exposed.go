package config

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// othersRead is the permission of everybody on the machine to read a file.
const othersRead fs.FileMode = 0o004

// Exposed returns a warning for each file with a secret that everybody on the
// machine can read.
func (s *Settings) Exposed() []string {
	if runtime.GOOS == "windows" { // where the mode does not tell
		return nil
	}
	var warnings []string
	for _, path := range s.secretFiles() {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&othersRead != 0 {
			warnings = append(warnings, fmt.Sprintf("the permissions of %s let everybody read the secret in it: make it belong to the user of irmad, and chmod 600 %[1]s", path))
		}
	}
	return warnings
}

// secretFiles returns the files that options name and whose contents nobody else
// should see.
func (s *Settings) secretFiles() []string {
	files := []string{
		s.JWTPrivkeyFile, s.TLSPrivkeyFile, s.ClientTLSPrivkeyFile,
		s.StoreKeysFile, s.RedisPwFile, s.RedisSentinelPwFile, s.RedisTLSClientKeyFile,
	}
	for _, name := range slices.Sorted(maps.Keys(s.requestors)) {
		if r := s.requestors[name]; r.AuthMethod != "publickey" {
			files = append(files, r.KeyFile)
		}
	}
	if s.Privkeys != "" {
		keys, _ := fs.Glob(os.DirFS(s.Privkeys), "*.xml") // fails for a malformed pattern only
		for _, key := range keys {
			files = append(files, filepath.Join(s.Privkeys, key))
		}
	}
	return slices.DeleteFunc(files, func(path string) bool { return path == "" })
}
