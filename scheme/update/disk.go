package update

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// disk does all that changes files. The fault function, which only tests set,
// stands for a disk that fails and for a machine that stops. With it nothing is
// flushed, which tests have no use for and would wait for.
type disk struct {
	fault func(op, path string) error
}

func (d *disk) check(op, path string) error {
	if d.fault == nil {
		return nil
	}
	return d.fault(op, path)
}

func (d *disk) mkdirTemp(dir, pattern string) (string, error) {
	if err := d.check("mkdir", filepath.Join(dir, pattern)); err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, pattern)
}

func (d *disk) mkdirAll(dir string) error {
	if err := d.check("mkdir", dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, 0o755)
}

// create writes a new file and flushes it. The fill function may start over by
// calling Reset. A file that cannot be completed is removed.
func (d *disk) create(path string, perm fs.FileMode, fill func(*output) error) error {
	if err := d.check("create", path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	err = fill(&output{file, d})
	if err == nil {
		err = d.flush(file)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, d.removeAll(path))
	}
	return nil
}

// output is a file that is being written.
type output struct {
	file *os.File
	disk *disk
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if err := o.disk.check("write", o.file.Name()); err != nil {
		return 0, err
	}
	return o.file.Write(p)
}

// Reset empties the file.
func (o *output) Reset() error {
	if _, err := o.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return o.file.Truncate(0)
}

func (d *disk) write(path string, data []byte) error {
	return d.create(path, 0o644, func(out *output) error {
		_, err := out.Write(data)
		return err
	})
}

// reuse makes the file at old available at path, without a copy where the file
// system can do so: that takes no space, and what is on disk stays on disk.
func (d *disk) reuse(old, path string, info fs.FileInfo) error {
	if err := d.check("link", path); err == nil && os.Link(old, path) == nil {
		return nil
	}
	in, err := os.Open(old)
	if err != nil {
		return err
	}
	defer in.Close()
	return d.create(path, info.Mode().Perm(), func(out *output) error {
		_, err := io.Copy(out, in)
		return err
	})
}

func (d *disk) symlink(target, path string) error {
	if err := d.check("symlink", path); err != nil {
		return err
	}
	return os.Symlink(target, path)
}

func (d *disk) rename(old, path string) error {
	if err := d.check("rename", path); err != nil {
		return err
	}
	return os.Rename(old, path)
}

func (d *disk) removeAll(path string) error {
	if err := d.check("remove", path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// sync flushes the names in a directory.
func (d *disk) sync(dir string) error {
	file, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer file.Close()
	return d.flush(file)
}

// syncTree flushes the names in all directories of a tree.
func (d *disk) syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return d.sync(path)
	})
}

func (d *disk) flush(file *os.File) error {
	if d.fault != nil {
		return d.fault("sync", file.Name())
	}
	return flush(file)
}
