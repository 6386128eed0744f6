package update

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Beginnings of the names of folders that hold a version of a scheme while it is
// put together or taken away. All programs for these schemes leave such folders
// out (spec 10 §1).
const (
	tempPrefix = ".tempscheme"
	oldPrefix  = ".oldscheme"
)

// replace moves the new version into the place of the old one. All of it is on
// disk before. A program that is stopped between the two moves leaves the old
// version for recover to move back.
func (c *candidate) replace(ctx context.Context) error {
	unlock, err := c.lockFolders(ctx, false)
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.preserve(); err != nil {
		return fmt.Errorf("keeping the files that are not signed: %w", err)
	}
	if err := c.disk.syncTree(c.temp); err != nil {
		return err
	}
	if _, err := os.Lstat(c.local.dir); errors.Is(err, fs.ErrNotExist) {
		if err := c.disk.rename(c.dir, c.local.dir); err != nil {
			return err
		}
		return c.disk.sync(c.cfg.Dir)
	}
	return c.exchange()
}

func (c *candidate) exchange() error {
	temp, err := c.disk.mkdirTemp(c.cfg.Dir, oldPrefix)
	if err != nil {
		return err
	}
	old := filepath.Join(temp, filepath.Base(c.local.dir))
	if err := c.disk.rename(c.local.dir, old); err != nil {
		return errors.Join(err, c.disk.removeAll(temp))
	}
	if err := c.disk.rename(c.dir, c.local.dir); err != nil {
		if back := c.disk.rename(old, c.local.dir); back != nil {
			return errors.Join(err, back) // recover tries again
		}
		return errors.Join(err, c.disk.removeAll(temp))
	}
	if err := c.disk.sync(c.cfg.Dir); err != nil {
		return err // the old version may yet be the one on disk
	}
	// Done. What cannot be removed now is removed by recover.
	_ = c.disk.removeAll(temp)
	return nil
}

// leftovers returns the paths of folders that stem from an update.
func (u *Updater) leftovers() ([]string, error) {
	entries, err := os.ReadDir(u.cfg.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var paths []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, tempPrefix) || strings.HasPrefix(name, oldPrefix) {
			paths = append(paths, filepath.Join(u.cfg.Dir, name))
		}
	}
	return paths, err
}

// displaced returns the folders of schemes in a leftover that are to be moved
// back because nothing took their place, with where they belong. Some programs
// move the scheme's folder to the leftover itself.
func (u *Updater) displaced(leftover string) map[string]string {
	if !strings.HasPrefix(filepath.Base(leftover), oldPrefix) {
		return nil
	}
	out := map[string]string{}
	add := func(from, name string) {
		to := filepath.Join(u.cfg.Dir, name)
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			out[from] = to
		}
	}
	if local := readInstalled(leftover); local.index != nil {
		add(leftover, string(local.index.Scheme))
		return out
	}
	entries, _ := os.ReadDir(leftover)
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			add(filepath.Join(leftover, entry.Name()), entry.Name())
		}
	}
	return out
}

// recover cleans up after an update that was stopped. The caller holds the lock
// that those who update hold.
func (u *Updater) recover(ctx context.Context) error {
	paths, err := u.leftovers()
	if err != nil || len(paths) == 0 {
		return err
	}
	unlock, err := u.lockFolders(ctx, false)
	if err != nil {
		return err
	}
	defer unlock()
	for _, path := range paths {
		if err := u.recoverFrom(path); err != nil {
			return err
		}
	}
	return u.disk.sync(u.cfg.Dir)
}

func (u *Updater) recoverFrom(leftover string) error {
	for from, to := range u.displaced(leftover) {
		if err := u.disk.rename(from, to); err != nil {
			return err
		}
	}
	return u.disk.removeAll(leftover)
}

// recoverAtStart cleans up unless another process is updating. Where the
// directory cannot be written there is nothing to be done; what is left behind
// is never loaded.
func (u *Updater) recoverAtStart() {
	paths, err := u.leftovers()
	if err == nil && len(paths) == 0 {
		return
	}
	if u.cfg.ReadOnly {
		u.tellTorn()
		return
	}
	unlock, err := u.lock(updateLock, false)
	if err == nil {
		defer unlock()
		err = u.recover(context.Background())
	}
	if err != nil && !errors.Is(err, ErrLocked) {
		u.tell(Event{State: Failed, Err: fmt.Errorf("cleaning up after an update in %s: %w", u.cfg.Dir, err)})
	}
}

// tellTorn tells about a scheme that recover would move back.
func (u *Updater) tellTorn() {
	if u.torn() {
		u.tell(Event{State: Failed, Err: fmt.Errorf("an update in %s was stopped while it replaced a scheme; the next one puts that back", u.cfg.Dir)})
	}
}

// torn reports whether a scheme is missing because an update was stopped halfway.
func (u *Updater) torn() bool {
	paths, _ := u.leftovers()
	for _, path := range paths {
		if len(u.displaced(path)) > 0 {
			return true
		}
	}
	return false
}
