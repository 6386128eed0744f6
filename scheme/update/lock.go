package update

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrLocked says that another process is updating the schemes in the directory.
// What it installs is found at the next update or reload.
var ErrLocked = errors.New("another process is updating the schemes")

// Names of lock files. The first is held during an update, by one process. The
// second is held while folders change places, and shared by those who read them.
const (
	updateLock = ".irmad-update.lock"
	switchLock = ".irmad-switch.lock"
)

// switchWait is how long to wait for the lock on the folders. It is held for the
// time it takes to load schemes.
const switchWait = 10 * time.Second

// lock locks a file in the directory and returns the function to unlock it.
func (u *Updater) lock(name string, shared bool) (unlock func(), err error) {
	flags := os.O_RDWR | os.O_CREATE
	if u.cfg.ReadOnly {
		flags = os.O_RDONLY
	}
	file, err := os.OpenFile(filepath.Join(u.cfg.Dir, name), flags, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock file: %w", err)
	}
	ok, err := tryLock(file, shared)
	if err == nil && !ok {
		err = ErrLocked
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

// lockFolders waits for the lock on the folders.
func (u *Updater) lockFolders(ctx context.Context, shared bool) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, switchWait)
	defer cancel()
	for {
		unlock, err := u.lock(switchLock, shared)
		if !errors.Is(err, ErrLocked) {
			return unlock, err
		}
		if sleep(ctx, 10*time.Millisecond) != nil {
			return nil, fmt.Errorf("waiting for others to load the schemes: %w", ctx.Err())
		}
	}
}
