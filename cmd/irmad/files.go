package main

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/irmad/irmaserver/irma"
)

// fileTimeout is how long sending a file may take.
const fileTimeout = 15 * time.Minute

// newFiles returns a handler for the files in a directory, with this prefix in
// their paths (spec 02 §9). Directories are shown by their index.html or not at
// all. What lies outside of the directory stays there, whatever symbolic links
// say, and so do hidden files.
func newFiles(dir, prefix string) (http.Handler, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	files := http.StripPrefix(strings.TrimSuffix(prefix, "/"), http.FileServerFS(site{root.FS()}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuse(w, irma.ErrMethodNotAllowed)
			return
		}
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileTimeout)) // else the server's own
		w.Header().Set("X-Content-Type-Options", "nosniff")
		files.ServeHTTP(w, r)
	}), nil
}

// site is a file system without what visitors should not see.
type site struct{ fs.FS }

// Open implements fs.FS.
func (s site) Open(name string) (fs.File, error) {
	missing := &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." && part != ".well-known" {
			return nil, missing
		}
	}
	file, err := s.FS.Open(name)
	if err != nil {
		return nil, missing // also when it is a link that leads outside
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		_, err = fs.Stat(s.FS, path.Join(name, "index.html"))
	}
	if err != nil {
		_ = file.Close() // nothing has been written
		return nil, missing
	}
	return file, nil
}
