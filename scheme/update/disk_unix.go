//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package update

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// tryLock locks the file and reports whether it could. The lock is gone when the
// file is closed, also by the end of the process.
func tryLock(file *os.File, shared bool) (bool, error) {
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// flush waits until the file is on disk.
func flush(file *os.File) error {
	err := file.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil // some file systems cannot flush a directory
	}
	return err
}

// device tells file systems apart.
func device(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Dev) //nolint:unconvert // its type differs between systems
	}
	return 0
}
