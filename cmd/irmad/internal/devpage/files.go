package devpage

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

// contentTypes are those of our files; the system's table may say otherwise.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// file is a part of the page.
type file struct {
	content           []byte
	contentType, etag string
}

// readFiles returns all files by name; the page itself has none.
func readFiles(fsys fs.FS) (map[string]file, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	files := map[string]file{}
	for _, entry := range entries {
		content, err := fs.ReadFile(fsys, entry.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the page: %w", err)
		}
		digest := sha256.Sum256(content)
		name := entry.Name()
		if name == "index.html" {
			name = ""
		}
		files[name] = file{content, contentTypes[path.Ext(entry.Name())], `"` + hex.EncodeToString(digest[:8]) + `"`}
	}
	return files, nil
}

// ServeHTTP implements http.Handler. Browsers ask each time whether their copy is
// that of the running program.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		writeJSON(w, http.StatusMethodNotAllowed, refusal{http.StatusMethodNotAllowed, "INVALID_REQUEST", "this can only be read"})
		return
	}
	w.Header().Set("Content-Type", f.contentType)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
}
