package update

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// preserve takes what is not signed but somebody's from the old version to the
// new one, most of all private keys. It is called last, so that hardly anything
// can be added to the old version unnoticed. It refuses to go on where something
// is mounted inside the scheme: that cannot be moved along, and would be emptied
// with the old version.
func (c *candidate) preserve() error {
	root, err := os.Stat(c.local.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return filepath.WalkDir(c.local.dir, func(old string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(c.local.dir, old)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case info.IsDir() && device(info) != device(root):
			return fmt.Errorf("another file system is mounted on %s; keep private keys in a folder of their own", old)
		case info.IsDir() || !kept(filepath.ToSlash(relative)):
			return nil
		}
		return c.take(old, filepath.Join(c.dir, relative), info)
	})
}

// take makes a file or link of the old version part of the new one.
func (c *candidate) take(old, path string, info fs.FileInfo) error {
	if _, err := os.Lstat(path); err == nil {
		return nil // the new version has a file of that name
	}
	if err := c.disk.mkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	switch {
	case info.Mode().IsRegular():
		return c.disk.reuse(old, path, info)
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(old)
		if err != nil {
			return err
		}
		return c.disk.symlink(target, path)
	}
	return nil
}

// kept reports whether a file is kept although it is not signed (spec 10 §3.1).
func kept(file string) bool {
	parts := strings.Split(file, "/")
	switch {
	case slices.Contains(parts, "PrivateKeys"):
		return true
	case parts[0] == ".git":
		return true
	case parts[0] == "assets":
		return path.Ext(file) == ".png"
	}
	return slices.Contains([]string{"sk.pem", "AUTHORS", "LICENSE", "README.md"}, file)
}
