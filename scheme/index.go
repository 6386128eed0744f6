package scheme

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/irmad/irmaserver/irma"
)

// entry is a line of the index: a signed file.
type entry struct {
	path string // below the scheme's folder
	hash [sha256.Size]byte
}

// parseIndex reads an index (spec 10 §3). All paths must be below one folder,
// which is the id of the scheme.
func parseIndex(data []byte) (irma.SchemeID, []entry, error) {
	var id string
	entries := make([]entry, 0, bytes.Count(data, []byte{'\n'})+1)
	seen := make(map[string]bool, cap(entries))
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			continue
		}
		scheme, e, err := parseIndexLine(line)
		switch {
		case err != nil:
			return "", nil, err
		case id != "" && id != scheme:
			return "", nil, fmt.Errorf("paths begin with %q and %q", id, scheme)
		case seen[e.path]:
			return "", nil, fmt.Errorf("path %q occurs twice", e.path)
		case len(entries) == maxFileCount:
			return "", nil, fmt.Errorf("more than %d files", maxFileCount)
		}
		id = scheme
		seen[e.path] = true
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return "", nil, errors.New("no files")
	}
	return irma.SchemeID(strings.Clone(id)), entries, checkSchemeID(id)
}

func parseIndexLine(line string) (scheme string, e entry, err error) {
	digest, file, found := strings.Cut(line, " ")
	if !found || strings.Contains(file, " ") {
		return "", e, fmt.Errorf("line %.80q does not consist of a hash and a path", line)
	}
	if len(digest) != hex.EncodedLen(len(e.hash)) {
		return "", e, fmt.Errorf("hash of %.80q is not 32 bytes", file)
	}
	if _, err := hex.Decode(e.hash[:], []byte(digest)); err != nil {
		return "", e, fmt.Errorf("hash of %.80q: %w", file, err)
	}
	if !safePath(file) {
		return "", e, fmt.Errorf("path %.80q is not a plain path inside the scheme", file)
	}
	scheme, e.path, found = strings.Cut(file, "/")
	if !found {
		return "", e, fmt.Errorf("path %.80q is not below the folder of the scheme", file)
	}
	return scheme, e, nil
}

// safePath reports whether a path is clean, relative and free of what some
// operating system gives a meaning: a file of the scheme can then be written
// nowhere but inside it.
func safePath(file string) bool {
	if !fs.ValidPath(file) || file == "." {
		return false
	}
	return !strings.ContainsFunc(file, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == '\\' || r == ':'
	})
}

// reservedPrefixes begin the names of temporary folders (spec 10 §1).
var reservedPrefixes = []string{"tempscheme", "oldscheme", ".tempscheme", ".oldscheme"}

func reserved(name string) bool {
	for _, prefix := range reservedPrefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func checkSchemeID(id string) error {
	if id == "" || strings.Contains(id, ".") || reserved(id) {
		return fmt.Errorf("%q cannot be the id of a scheme", id)
	}
	return nil
}
