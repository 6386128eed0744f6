package config

import (
	"maps"
	"os"
	"reflect"
	"time"
)

// Versions tell by the names of files whether their contents have changed; compare
// them with maps.Equal.
type Versions map[string]fileVersion

// fileVersion tells contents of a file apart without reading them.
type fileVersion struct {
	size     int64
	modified time.Time
}

// Look returns the versions of files. A file that is not there has none.
func Look(files []string) Versions {
	out := Versions{}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			out[path] = fileVersion{info.Size(), info.ModTime()}
		}
	}
	return out
}

// Files returns the files that hold what can be replaced while serving.
func (s *Settings) Files() []string {
	files := []string{s.JWTPrivkeyFile, s.TLSCertFile, s.TLSPrivkeyFile, s.ClientTLSCertFile, s.ClientTLSPrivkeyFile}
	if s.File != "" {
		files = append(files, s.File)
	}
	for _, r := range s.requestors {
		files = append(files, r.KeyFile)
	}
	return files
}

// WithLive returns the settings with those of the other that can change while
// serving.
func (s *Settings) WithLive(other *Settings) *Settings {
	values, out := maps.Clone(s.values), new(Settings)
	for _, o := range options {
		if o.live {
			values[o.name] = other.values[o.name]
		}
	}
	out.fill(values)
	out.URL, out.requestors = s.URL, other.requestors
	return out
}

// Fixed returns the options that have other values than in the other settings and
// cannot change while serving.
func (s *Settings) Fixed(other *Settings) []string {
	var names []string
	for _, o := range options {
		if o.available() && !o.live && !reflect.DeepEqual(s.values[o.name], other.values[o.name]) {
			names = append(names, o.name)
		}
	}
	return names
}
