//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package update

import (
	"io/fs"
	"os"
)

// tryLock does nothing where there is no flock: only one process may update the
// schemes in a directory there.
func tryLock(*os.File, bool) (bool, error) { return true, nil }

// flush waits until the file is on disk. Directories cannot be flushed
// everywhere.
func flush(file *os.File) error {
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil
	}
	return file.Sync()
}

func device(fs.FileInfo) uint64 { return 0 }
