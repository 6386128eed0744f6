//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package walletcmd

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks the file for this process and reports whether it could.
func tryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}
